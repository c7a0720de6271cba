import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readStateKey } from './state-key.ts';

it('makes a key once, readable by its owner alone, and finds it again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bonito-state-key-'));
  const made = readStateKey(undefined, folder);
  expect(made).toHaveLength(32);
  expect(statSync(join(folder, 'state.key')).mode & 0o777).toBe(0o600);
  expect(readStateKey(undefined, folder)).toEqual(made);
});

it('takes the same key from the same setting, wherever it runs', () => {
  const one = readStateKey('a long shared secret', '/nowhere');
  expect(readStateKey('a long shared secret', '/elsewhere')).toEqual(one);
  expect(readStateKey('another shared secret', '/nowhere')).not.toEqual(one);
});
