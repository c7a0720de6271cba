import { readFileSync } from 'node:fs';
import { PROVIDER_PRESETS, type ProviderPreset } from '@bonito/protocol';
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

const code = (text: string) => `\`${text}\``;

/** Servers of one's own have no address here. */
function row(preset: ProviderPreset): string {
  const { name, baseUrl, lacks, maxTokensField, reasoningField, mediaUrls, responses } = preset;
  return `| ${[
    name === 'generic' ? 'none' : code(name),
    baseUrl === undefined ? 'your own' : code(baseUrl),
    [...lacks].sort().map(code).join(', '),
    code(maxTokensField),
    preset.reasoningDetails
      ? code('reasoning_details')
      : reasoningField === undefined
        ? ''
        : code(reasoningField),
    mediaUrls ? 'by address or as bytes' : 'as bytes',
    responses ? 'as it is' : 'translated',
  ].join(' | ')} |`;
}

const TABLE = `| Preset | Base URL | Left out and named | Limit | Takes its reasoning back as | Pictures | \`/v1/responses\` |
| --- | --- | --- | --- | --- | --- | --- |
${PROVIDER_PRESETS.map(row).join('\n')}`;

it('the table of presets says what the code says', async () => {
  const [before = '', rest = ''] = page.split(/(?<=tests\/compatibility -u -->\n)/);
  const after = rest.slice(rest.indexOf('<!-- End of the table -->'));
  expect(after).not.toBe('');
  await expect(`${before}\n${TABLE}\n\n${after}`).toMatchFileSnapshot('../../docs/providers.md');
});
