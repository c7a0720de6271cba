export type { Attempt, AttemptOutcome, AttemptTotals } from './attempt-ledger.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator.ts';
