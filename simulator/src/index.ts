export type { Attempt, AttemptOutcome, AttemptTotals } from './serving/attempt-ledger.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator.ts';
