import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mockPort, peerTargets } from './peer-targets.ts';

const configuration = readFileSync(join(import.meta.dirname, 'peer.yaml'), 'utf8');

it('sends a key whose digest the configuration of our agent has', () => {
  const key =
    peerTargets(new Set(['ours']))
      .at(-1)
      ?.headers.authorization?.replace('Bearer ', '') ?? '';
  expect(key).toMatch(/^bn-[\w-]{43}$/);
  expect(configuration).toContain(createHash('sha256').update(key).digest('hex'));
});

it('points our agent at the mock, with the models that are asked for', () => {
  expect(configuration).toContain(`http://127.0.0.1:${mockPort}/v1`);
  for (const model of ['m', 'm-200-0', 'm-200-10']) expect(configuration).toContain(`name: ${model},`);
});

it('always measures the mock, and otherwise only what is chosen', () => {
  expect(peerTargets(new Set(['nginx'])).map(({ name }) => name)).toEqual(['direct', 'nginx']);
});
