import { inputTokens, outputTokens, providerPreset } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../data-plane-agent/src/gateway/chat/chat-event.ts';
import type { ChatRequest } from '../../data-plane-agent/src/gateway/chat/chat-request.ts';
import { createSplitter } from '../../data-plane-agent/src/gateway/framing/create-splitter.ts';
import { openAiChatDialect } from '../../data-plane-agent/src/gateway/providers/openai-compatible/openai-chat-dialect.ts';
import type { ChatDialect } from '../../data-plane-agent/src/gateway/providers/provider-kind.ts';
import { anthropicMessagesSurface } from '../../data-plane-agent/src/gateway/surfaces/anthropic-messages/anthropic-messages-surface.ts';
import type { ChatSurface } from '../../data-plane-agent/src/gateway/surfaces/chat-surface.ts';
import { openAiResponsesSurface } from '../../data-plane-agent/src/gateway/surfaces/openai-responses/openai-responses-surface.ts';
import { SERVER_STREAMS, type Told } from './server-streams.ts';

const REQUEST: ChatRequest = {
  model: 'm',
  messages: [],
  tools: [],
  sampling: {},
  stream: true,
  includeUsage: true,
};
/** The surfaces that this wire is translated to. */
const SURFACES: readonly ChatSurface[] = [anthropicMessagesSurface, openAiResponsesSurface];
const LARGEST = 1_000_000;

function dialectOf(preset: string): ChatDialect {
  return openAiChatDialect({
    preset: providerPreset(preset),
    address: () => ({ path: '/chat/completions' }),
  });
}

/** What a reader makes of the bytes in these pieces. */
function read(dialect: ChatDialect, pieces: readonly Buffer[]): ChatEvent[] {
  const splitter = createSplitter('sse', LARGEST);
  const reader = dialect.eventReader(REQUEST);
  const frames = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  return [...frames.flatMap((frame) => reader.read(frame)), ...reader.end()];
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function tell(events: readonly ChatEvent[]): Told {
  const calls: string[] = [];
  const joined = (type: string) =>
    events.map((one) => (one.type === type && 'text' in one ? one.text : '')).join('');
  const found = <Value>(pick: (event: ChatEvent) => Value | undefined) =>
    events.map(pick).filter((value) => value !== undefined);
  for (const event of events) {
    if (event.type === 'tool_call') calls[event.call] = `${event.id} ${event.name} `;
    if (event.type === 'tool_arguments') calls[event.call] += event.text;
  }
  const [error] = found((event) => (event.type === 'error' ? event.error.kind : undefined));
  const [stop] = found((event) => (event.type === 'stop' ? event.stop.reason : undefined));
  const usage = found((event) => (event.type === 'usage' ? event.usage.counts : undefined)).at(-1);
  const [model] = found((event) => (event.type === 'start' ? event.model : undefined));
  return {
    text: joined('text'),
    reasoning: joined('reasoning'),
    calls,
    citations: found((event) => (event.type === 'citation' ? event.citation.url : undefined)),
    signatures: found((event) => ('signature' in event ? event.signature?.value : undefined)),
    ...(error !== undefined && { error }),
    ...(stop !== undefined && { stop }),
    ...(model !== undefined && { model }),
    ...(usage !== undefined && { usage: Object.fromEntries(Object.entries(usage)) }),
  };
}

const NOTHING: Told = { text: '', reasoning: '', calls: [], citations: [], signatures: [], model: 'm' };

describe.each(SERVER_STREAMS)('$name', ({ preset, stream, told, closes }) => {
  const dialect = dialectOf(preset);
  const bytes = Buffer.from(stream);
  const events = read(dialect, [bytes]);

  it('is read in full', () => {
    expect(tell(events)).toEqual({ ...NOTHING, ...told });
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'stop')).toHaveLength(told.stop === undefined ? 0 : 1);
    if (told.error === undefined) expect(events.at(-1)).toEqual({ type: 'end' });
  });

  it('is the same wherever its bytes are cut', () => {
    const places = fc.array(fc.nat(), { maxLength: 8 });
    fc.assert(
      fc.property(places, (at) => void expect(read(dialect, cut(bytes, at))).toEqual(events)),
      {
        numRuns: 20,
      },
    );
  });

  it('is metered where it is passed on', () => {
    const meter = dialect.passMeter(true);
    const frames = createSplitter('sse', LARGEST);
    const sights = [...frames.push(bytes), ...frames.end()].map((frame) => {
      const sight = meter.frame(frame);
      // What the meter has to see is never passed by unseen.
      if (sight !== 'data' && sight !== 'keep-alive' && sight !== 'opening')
        expect(meter.concerns(frame.bytes ?? frame.data)).toBe(true);
      return sight;
    });
    expect(meter.figures && Object.fromEntries(Object.entries(meter.figures))).toEqual(told.usage);
    expect(sights.includes('error')).toBe(told.error !== undefined);
    if (told.error === undefined) expect(closes ? meter.mayClose : sights.at(-1) === 'end').toBe(true);
    if (meter.figures) {
      const { prompt_tokens: prompt, total_tokens: total } = lastUsage(stream);
      expect(inputTokens(meter.figures)).toBe(prompt);
      expect(inputTokens(meter.figures) + outputTokens(meter.figures)).toBe(total);
    }
  });

  it.each(SURFACES)('can be said on the surface $wire', (surface) => {
    const writer = surface.eventWriter(REQUEST);
    const written = events
      .filter(({ type }) => type !== 'error')
      .map((event) => writer.write(event)?.toString() ?? '')
      .join('');
    for (const call of told.calls ?? []) expect(written).toContain(call.split(' ')[1]);
    for (const url of told.citations ?? []) expect(written).toContain(url);
    if (told.text) expect(joinedText(written)).toBe(told.text);
    expect(writer.dropped.every((name) => name !== '')).toBe(true);
  });
});

/** The last figures that the bytes name. */
function lastUsage(stream: string): { prompt_tokens: number; total_tokens: number } {
  const chunks = stream.split(/\r?\n\r?\n/).filter((block) => block.startsWith('data: {'));
  const usages = chunks.map((block) => JSON.parse(block.slice('data: '.length)).usage);
  return usages.filter((usage) => usage).at(-1);
}

/** All text that a surface's events say, from wherever each has it. */
function joinedText(written: string): string {
  const events = written.split('\n').filter((line) => line.startsWith('data: {'));
  return events
    .map((line) => JSON.parse(line.slice('data: '.length)))
    .map((event) => {
      if (event.type === 'content_block_delta') return event.delta.text ?? '';
      return event.type === 'response.output_text.delta' ? event.delta : '';
    })
    .join('');
}
