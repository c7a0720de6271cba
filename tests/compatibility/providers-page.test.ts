import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readBonitoFile } from '../../data-plane-agent/src/standalone/read-bonito-file.ts';

const page = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

it.each(examples)('an example of the page is a file that can be read: %s', (text) => {
  expect(() => readBonitoFile(text, 'bonito.yaml', [])).not.toThrow();
});

it('there are examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(5);
});
