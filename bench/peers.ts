/** Our agent beside nginx and Portkey: prints the table of DESIGN §7. Started by peers.sh; README.md says how. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measurePeers, type RunningTarget } from './measure-peers.ts';
import { isListening, loadCpu, serverCpu, startPinned, stopAll, untilListening } from './peer-process.ts';
import { peerTable } from './peer-table.ts';
import { mockPort, peerTargets, type Target, workFolder } from './peer-targets.ts';
import { mockProgram, preparePeers } from './prepare-peers.ts';
import { figureLines, goalLines } from './print-peers.ts';

const busyLoad = 0.7;
const knownPeers = new Set(['ours', 'nginx', 'portkey']);

function readOptions(): { chosen: Set<string>; quick: boolean } {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const chosen = new Set(values.only?.split(',') ?? knownPeers);
  const unknown = [...chosen].filter((name) => !knownPeers.has(name));
  if (unknown.length > 0)
    throw new Error(`--only knows ${[...knownPeers].join(', ')}, not "${unknown.join()}".`);
  return { chosen, quick: values.quick };
}

function say(line: string): void {
  console.error(line);
}

/** Other work on these CPUs makes wake-ups rarer and batches larger, which flatters some and not others. */
function warnWhenBusy(): void {
  const [load = 0] = loadavg();
  if (load > busyLoad)
    say(`the machine is busy (load ${load.toFixed(1)}): take the figures of a quieter run`);
}

async function startTargets(targets: readonly Target[]): Promise<RunningTarget[]> {
  for (const { name, port } of targets) {
    if (await isListening(port)) throw new Error(`port ${port}, which ${name} needs, is taken.`);
  }
  startPinned('mock', loadCpu, [mockProgram, String(mockPort)]);
  await untilListening('mock', mockPort);
  const running: RunningTarget[] = [];
  for (const target of targets) {
    const { name, port, command, environment } = target;
    const pid = command && startPinned(name, serverCpu, command, environment);
    await untilListening(name, port);
    running.push({ ...target, pid });
  }
  return running;
}

async function main(): Promise<number> {
  const { chosen, quick } = readOptions();
  warnWhenBusy();
  preparePeers(chosen, say);
  const targets = await startTargets(peerTargets(chosen));
  const options = quick ? { rounds: 2, secondsPerRun: 1 } : { rounds: 3, secondsPerRun: 3 };
  const measures = await measurePeers(targets, options, say);
  const rows = peerTable(measures);
  writeFileSync(join(workFolder, 'peers.json'), JSON.stringify({ options, rows, measures }, null, 1));
  console.log(['', ...figureLines(measures), '', ...goalLines(rows)].join('\n'));
  // A quick run is too noisy to fail anyone.
  return !quick && rows.some(({ holds }) => holds === 'no') ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(130)));
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench:peers: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
} finally {
  await stopAll();
}
