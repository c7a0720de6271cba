import type { MeasuresByTarget, Round } from './measure-peers.ts';
import { medianOf, quantileOf, type Row } from './peer-table.ts';

const verdicts = { aim: 'yes, and the aim', must: 'yes', no: 'NO' };

/** The table of DESIGN §7 as Markdown, so that it can be pasted into bench/README.md. */
export function goalLines(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    row.measure,
    row.ours,
    row.must,
    row.aim,
    row.holds ? verdicts[row.holds] : '-',
  ]);
  return markdown(['measure', 'ours', 'must', 'aim', 'holds'], cells);
}

const columns: ReadonlyArray<readonly [title: string, figure: (round: Round) => number]> = [
  ['req/s', (round) => round.requestsPerSecond],
  ['CPU µs/req', (round) => round.cpuPerRequest],
  ['p50 µs (64)', (round) => round.p50At64],
  ['p99 µs (64)', (round) => round.p99At64],
  ['p50 µs (1)', (round) => round.p50At1],
  ['TTFT p50 µs', (round) => quantileOf(round.firstEvents, 0.5)],
  ['TTFT p95 µs', (round) => quantileOf(round.firstEvents, 0.95)],
  ['CPU µs/event, paced', (round) => round.cpuPerPacedEvent],
  ['CPU µs/event, flood', (round) => round.cpuPerFloodEvent],
  ['flood events/s', (round) => round.floodEventsPerSecond],
];

/** What each target did, medians over the rounds, as Markdown. */
export function figureLines(measures: MeasuresByTarget): string[] {
  const cells = Object.entries(measures).map(([name, measured]) => [
    name,
    ...columns.map(([, figure]) => readable(medianOf(measured, figure))),
    `${Math.round(measured.idleMegabytes)} / ${Math.round(measured.loadedMegabytes)}`,
    String(measured.rounds.reduce((sum, round) => sum + round.failed, 0)),
  ]);
  return markdown(['target', ...columns.map(([title]) => title), 'MB idle / loaded', 'failed'], cells);
}

function readable(value: number): string {
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}

function markdown(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
