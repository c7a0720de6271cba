import { readFileSync } from 'node:fs';
import { configurableCredentialSchema } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const page = readFileSync(new URL('../../../docs/provider-credentials.md', import.meta.url), 'utf8');

interface Example {
  credential?: unknown;
  providers?: { credential: unknown }[];
}

/** Both languages of the page's examples; JSON is YAML too. */
const credentials = [...page.matchAll(/```(?:yaml|json)\n([\s\S]*?)```/g)].flatMap(([, text = '']) => {
  const example = parse(text) as Example;
  return [example.credential, ...(example.providers ?? []).map((one) => one.credential)].filter(Boolean);
});

describe('docs/provider-credentials.md', () => {
  it.each(credentials)('%j is as it may be configured', (credential) => {
    expect(configurableCredentialSchema.safeParse(credential).error?.issues).toBeUndefined();
  });

  it('shows every source', () => {
    const shown = new Set(credentials.map((credential) => (credential as { from: string }).from));
    expect([...shown].sort()).toEqual(['aws', 'azure', 'environment', 'federation', 'google']);
  });
});
