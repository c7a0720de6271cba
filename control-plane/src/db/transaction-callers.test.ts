import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const source = path.join(import.meta.dirname, '..');

/** Files that may open a transaction without a tenant. */
const ALLOWED = /(^|\/)(transactions|system\.queries|[a-z-]+\.system\.queries)\.ts$/;

it('only listed system queries open a transaction without a tenant', () => {
  const callers = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing/'))
    .filter((file) =>
      /\b(systemTransaction|ownerTransaction)\b/.test(readFileSync(path.join(source, file), 'utf8')),
    );
  expect(callers.length).toBeGreaterThan(1);
  expect(callers.filter((file) => !ALLOWED.test(file))).toEqual([]);
});
