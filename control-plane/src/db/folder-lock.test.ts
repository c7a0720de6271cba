import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUseError, lockFolder } from './folder-lock.ts';

describe('the lock of a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bonito-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is taken once, and again when it was given back', async () => {
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toBeInstanceOf(FolderInUseError);
    await expect(lockFolder(folder)).rejects.toThrow(String(process.pid));
    await unlock();
    const again = await lockFolder(folder);
    await again();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['a process that is gone', '2147483646 1'],
    ['a process that was started later under the same id', `${process.pid} 1`],
    ['nobody, since it was cut off while being written', ''],
    ['nonsense', 'x y z'],
  ])('is taken over from %s', async (_, content) => {
    writeFileSync(path.join(folder, 'process.lock'), content);
    const unlock = await lockFolder(folder);
    await unlock();
  });

  it('goes to exactly one of many that find a stale one', async () => {
    for (let round = 0; round < 20; round++) {
      writeFileSync(path.join(folder, 'process.lock'), '2147483646 1');
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      const won = attempts.filter((attempt) => attempt.status === 'fulfilled');
      expect(won).toHaveLength(1);
      await won[0]?.value();
    }
  });
});
