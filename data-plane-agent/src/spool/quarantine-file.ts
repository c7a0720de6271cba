import { join } from 'node:path';
import type { SpoolContext } from './spool-ports.ts';
import type { Batch } from './upload-source.ts';

const LIMIT_BYTES = 1024 * 1024;

/**
 * Keeps a record that the control plane will never take, for an operator to look at: one line of JSON in `quarantine.log`,
 * with the stream, its number and the status of the refusal. When the file is full, newer ones are only counted.
 */
export function keepRefused(
  { disk }: Pick<SpoolContext, 'disk'>,
  root: string,
  stream: string,
  batch: Batch,
  status: number,
): void {
  const path = join(root, 'quarantine.log');
  const line = `{"stream":"${stream}","sequence":${batch.first},"status":${status},"record":${batch.json.toString('utf8')}}\n`;
  try {
    if (disk.size(path) + line.length > LIMIT_BYTES) return;
    const handle = disk.openAppend(path);
    try {
      disk.write(handle, Buffer.from(line));
    } finally {
      disk.close(handle);
    }
  } catch {
    // The refusal itself was reported; a disk that takes nothing has its own report.
  }
}
