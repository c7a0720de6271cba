import type { AgentRecord } from '@bonito/protocol';
import { addRollup, addUsage, type Rollups } from './roll-up.ts';
import type { UploadSource } from './upload-source.ts';

/**
 * Records of requests that the disk knows nothing of, since it could not be written. They are a stream of their own: were
 * they numbered in the stream on disk, whoever adopts that one after a crash would give the same numbers to other records.
 * A record gets its number when it is first sent; until then it can be collapsed, or moved to the disk.
 */
export interface MemoryStream extends UploadSource {
  add(record: AgentRecord): void;
  /** Takes out what was never sent. */
  takeUnsent(): AgentRecord[];
  size(): number;
  /** When the oldest record came, ms since 1970. */
  oldestAt(): number | undefined;
}

export interface MemoryStreamOptions {
  id: string;
  /** Beyond this many records, those that were never sent are collapsed. */
  limit: number;
  now(): number;
  newRecordId(): string;
  onCollapse(records: number): void;
}

export function createMemoryStream(options: MemoryStreamOptions): MemoryStream {
  let records: AgentRecord[] = [];
  /** The number of the first record. */
  let base = 0;
  /** How many of the first records have a number, since they may have been delivered. */
  let numbered = 0;
  let since: number | undefined;
  let collapseAbove = options.limit;

  const collapse = () => {
    const totals: Rollups = new Map();
    const others: AgentRecord[] = [];
    let dropped = 0;
    for (const record of records.slice(numbered)) {
      if (record.kind === 'usage') {
        addUsage(totals, record, options.newRecordId);
        dropped += 1;
      } else if (record.kind === 'usage_rollup') addRollup(totals, record);
      else others.push(record);
    }
    // Lists of models can be asked for again; they are large, and there is nowhere left to put them.
    const kept = others.filter((record) => record.kind === 'audit').slice(-1_000);
    records = [...records.slice(0, numbered), ...kept, ...totals.values()];
    // Totals themselves do not shrink: collapsing again pays only once there is as much new as there is now.
    collapseAbove = Math.max(options.limit, records.length * 2);
    options.onCollapse(dropped);
  };

  return {
    id: options.id,
    add: (record) => {
      since ??= options.now();
      records.push(record);
      if (records.length > collapseAbove) collapse();
    },
    takeUnsent: () => records.splice(numbered),
    size: () => records.length,
    oldestAt: () => (records.length > 0 ? since : undefined),
    ready: () => records.length > 0,
    next: async (limit) => {
      const taken: string[] = [];
      let bytes = 0;
      for (const record of records) {
        const json = JSON.stringify(record);
        if (taken.length >= limit.records || (taken.length > 0 && bytes + json.length > limit.bytes)) break;
        taken.push(json);
        bytes += json.length + 1;
      }
      if (taken.length === 0) return undefined;
      const more = taken.length < records.length;
      numbered = Math.max(numbered, taken.length);
      return { first: base, count: taken.length, json: Buffer.from(taken.join(',')), more };
    },
    // What was acknowledged is not held any more.
    rewind: () => false,
    acknowledge: (next) => {
      const gone = Math.min(Math.max(0, next - base), numbered);
      records.splice(0, gone);
      numbered -= gone;
      base = numbered > 0 ? base + gone : Math.max(base + gone, next);
      if (records.length <= options.limit) collapseAbove = options.limit;
      since = records.length > 0 ? options.now() : undefined;
    },
  };
}
