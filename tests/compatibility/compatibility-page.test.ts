import { newId } from '@bonito/protocol';
import { expect, it } from 'vitest';
import type { ChatRequest } from '../../data-plane-agent/src/gateway/chat/chat-request.ts';
import type { PipelineSurface } from '../../data-plane-agent/src/gateway/pipeline/request-context.ts';
import { wayTo } from '../../data-plane-agent/src/gateway/pipeline/way.ts';
import { providerKind } from '../../data-plane-agent/src/gateway/providers/provider-kinds.ts';
import { SURFACE_TABLE } from '../../data-plane-agent/src/gateway/server/surface-table.ts';
import type { CompiledTarget } from '../../data-plane-agent/src/gateway/snapshot/snapshot.ts';
import { PROVIDER_ROWS, type ProviderRow } from './provider-rows.ts';

const PICTURE = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const;
const cache = { ttl: '1h' } as const;

/** A request with everything that the neutral form has words for. */
const EVERYTHING: ChatRequest = {
  model: 'm',
  messages: [
    {
      role: 'system',
      content: [
        { type: 'text', text: 'One.', cache },
        { type: 'text', text: 'Two.' },
      ],
    },
    {
      role: 'user',
      name: 'someone',
      content: [
        { type: 'text', text: 'Look.', cache },
        { type: 'image', source: PICTURE, detail: 'high' },
        { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
        {
          type: 'file',
          name: 'a.pdf',
          source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
        },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.', signature: { value: 's' } },
        { type: 'tool_call', id: 'call_1', name: 'look', arguments: '{"at":"it"}' },
      ],
    },
    {
      role: 'tool',
      toolCallId: 'call_1',
      isError: true,
      content: [
        { type: 'text', text: 'Seen.' },
        { type: 'image', source: PICTURE },
      ],
    },
    { role: 'system', content: [{ type: 'text', text: 'Later.' }] },
    { role: 'user', content: [{ type: 'text', text: 'So?' }] },
  ],
  tools: [
    { type: 'function', name: 'look', parameters: { type: 'object', properties: {} }, strict: true, cache },
    { type: 'custom', name: 'patch', format: { type: 'grammar' } },
  ],
  toolChoice: { type: 'function', name: 'look' },
  parallelToolCalls: false,
  sampling: {
    temperature: 0.5,
    topP: 0.5,
    topK: 5,
    frequencyPenalty: 0.5,
    presencePenalty: 0.5,
    seed: 7,
    maxOutputTokens: 4_000,
    stopSequences: ['end'],
    logitBias: { 5: 1 },
    logprobs: true,
    topLogprobs: 2,
  },
  reasoning: { effort: 'medium', summary: 'auto' },
  responseFormat: {
    type: 'json_schema',
    name: 'answer',
    schema: { type: 'object', properties: { a: { type: 'integer', minimum: 0 } }, required: ['a'] },
    strict: true,
  },
  endUser: 'someone',
  metadata: { team: 'one' },
  serviceTier: 'flex',
  verbosity: 'low',
  cacheKey: 'one',
  outputModalities: ['text'],
  stream: true,
  includeUsage: true,
};

function targetOf(row: ProviderRow): CompiledTarget {
  const base = new URL(`https://example.test${row.basePath}`);
  return {
    deployment: {
      id: newId(),
      name: row.name,
      provider_id: newId(),
      upstream_model: 'a-model',
      family: row.family,
      ...(row.wire !== undefined && { wire: row.wire }),
      price: { revision: '1', per_million: {} },
      restrictions: [],
    },
    provider: {
      config: {
        id: newId(),
        name: row.name,
        kind: row.kind,
        base_url: base.href,
        credential: { from: 'none' },
        restrictions: [],
        ...row.more,
      },
      origin: base.origin,
      basePath: base.pathname.replace(/\/+$/, ''),
      unusable: undefined,
    },
    unusable: undefined,
  };
}

const targets = PROVIDER_ROWS.map((row) => ({ row, target: targetOf(row) }));

function cell(target: CompiledTarget, surface: PipelineSurface): string {
  const way = wayTo(target, surface);
  return way === undefined ? '' : way.type === 'pass' ? 'as it is' : 'translated';
}

/** Paths that lead to the same, in one row. */
function surfaceRows(): string[] {
  const rows = new Map<string, string[]>();
  const cellsOf = new Map<string, string>();
  for (const surface of SURFACE_TABLE) {
    const path = surface.path
      .replace(
        /:model\{(?:\.\+\/publishers\/)?mistralai\/models\/\.\+(:\w+)\}/,
        '…/mistralai/models/{model}$1',
      )
      .replace('projects/:model{.+', 'projects/…/:model{.+')
      .replace('publishers/:model{.+', 'publishers/…/:model{.+')
      .replace(/:model(?:\{\.\+(:?\w*)\})?/, '{model}$1');
    const cells = targets.map(({ target }) => cell(target, surface)).join(' | ');
    const key = `${surface.name} ${surface.streams} ${cells}`;
    const paths = rows.get(key) ?? [];
    if (paths.length === 0) rows.set(key, paths);
    paths.push(`\`${path}\``);
    cellsOf.set(key, cells);
  }
  return [...rows].map(([key, paths]) => `| ${[...new Set(paths)].join('<br>')} | ${cellsOf.get(key)} |`);
}

function droppedRows(): string[] {
  return targets.flatMap(({ row, target }) => {
    const dialect = providerKind(row.kind)?.chat(target);
    if (!dialect) return [];
    const { dropped } = dialect.writeRequest(EVERYTHING, target);
    const names = [...dropped].sort().map((name) => `\`${name}\``);
    const media = dialect.takesMediaUrls
      ? 'by address or as bytes'
      : 'as bytes; the gateway fetches addresses';
    return [
      `| ${row.name} | ${names.join(', ') || 'nothing'} | ${media} | ${dialect.takesChoices ? 'one call' : 'a call each'} |`,
    ];
  });
}

function page(): string {
  const names = targets.map(({ row }) => row.name);
  return `# What works with what

Made from the tables that the gateway itself decides by, and checked by tests that ask every chat API at every provider; not
written by hand.

**As it is**: client and provider speak the same API, and bytes flow. **Translated**: through the gateway's own form of a chat.
An empty cell is refused with 400, and the error names the paths where the model can be asked.

| Path | ${names.join(' | ')} |
| --- | ${names.map(() => '---').join(' | ')} |
${surfaceRows().join('\n')}

A provider is a kind and, where a kind has several APIs, the model's family: ${PROVIDER_ROWS.map(
    ({ name, kind, family, wire }) =>
      `\`${name}\` is kind \`${kind}\` with family \`${family}\`${wire === undefined ? '' : ` and wire \`${wire}\``}`,
  ).join('; ')}.

## What a provider cannot take

One request with everything in it, translated to each provider: these parts it cannot take, or not in every form. They are
named in \`x-bonito-dropped-params\` and counted, or, on a strict route, refused. Servers with a preset leave out more: the table
in \`shared-protocol/src/policy/provider-presets.ts\` says what. So do some models of Claude: the one in
\`data-plane-agent/src/gateway/providers/anthropic-compatible/claude-models.ts\` does.

| Provider | Left out and named | Pictures and files | Several answers (\`n\`) |
| --- | --- | --- | --- |
${droppedRows().join('\n')}
`;
}

it('the page says what the tables say', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/compatibility.md');
});
