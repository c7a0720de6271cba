import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diskFiles } from './state-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'state-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('tells and renews when a file was written, and says when there is none', async () => {
  const path = join(folder, 'file');
  expect(await diskFiles.modifiedAt(path)).toBeUndefined();
  expect(await diskFiles.renew(path, 5_000)).toBe(false);
  await diskFiles.write(path, Buffer.from('x'));
  expect(await diskFiles.renew(path, 1_700_000_000_000)).toBe(true);
  expect(await diskFiles.modifiedAt(path)).toBe(1_700_000_000_000);
});
