import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { Operation } from '../provider-kind.ts';
import { converseDialect } from './converse/converse-dialect.ts';
import { bedrockTarget } from './fixtures/bedrock-target.ts';
import { invokeDialect } from './invoke/invoke-dialect.ts';
import { operationDialect } from './invoke/operations.ts';
import { unwrapClaudeEvent } from './invoke/unwrap-claude-event.ts';
import { readError } from './read-error.ts';

const NAMES = [
  'output',
  'message',
  'content',
  'text',
  'toolUse',
  'name',
  'reasoningContent',
  'reasoningText',
  'citationsContent',
  'citations',
  'image',
  'source',
  'format',
  'delta',
  'start',
  'citation',
  'location',
  'web',
  'usage',
  'bytes',
  'stopReason',
  'embeddings',
  'results',
  'images',
  'error',
];
/** JSON made of the names that the readers look for, with values of every type in every place. */
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 3, -1, '', 'x', 'end_turn'),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('json'), { maxKeys: 4 }),
  ),
}));
const record = fc.dictionary(fc.constantFrom(...NAMES), json, { maxKeys: 6 });

/** Runs a reader; whatever it is given, it reads or says where the answer is malformed. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedAnswerError);
  }
}

describe('an answer of any shape is read, or refused by its place', () => {
  it('whole', () => {
    fc.assert(
      fc.property(record, (body) => survives(() => converseDialect.readAnswer(body))),
      { numRuns: 2000 },
    );
  });

  it('in a stream', () => {
    const event = fc.record({
      event: fc.constantFrom(
        'messageStart',
        'contentBlockStart',
        'contentBlockDelta',
        'contentBlockStop',
        'messageStop',
        'metadata',
        'chunk',
        'new',
      ),
      exception: fc.boolean(),
      data: fc.oneof(json, record).map((value) => Buffer.from(JSON.stringify(value))),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (frames) => {
        const reader = converseDialect.eventReader();
        const meters = [converseDialect.passMeter(false), invokeDialect.passMeter(false)];
        const events = frames.flatMap((frame) => {
          for (const meter of meters) meter.frame(frame);
          unwrapClaudeEvent(frame);
          let read: readonly { type: string }[] = [];
          survives(() => {
            read = reader.read(frame);
          });
          return read;
        });
        const all = [...events, ...reader.end()].map(({ type }) => type);
        for (const once of ['start', 'stop', 'end', 'error']) {
          expect(all.filter((type) => type === once).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[Operation, string]>([
    ['embeddings', 'titan'],
    ['embeddings', 'nova'],
    ['embeddings', 'cohere'],
    ['images.generate', 'nova'],
    ['rerank', 'cohere'],
    ['count_tokens', 'claude'],
  ])('of %s by %s', (operation, family) => {
    const dialect = operationDialect(operation, bedrockTarget(family));
    fc.assert(fc.property(record, (body) => survives(() => dialect?.read(body, {}))));
  });

  it('as an error', () => {
    const body = fc.oneof(
      fc.uint8Array().map(Buffer.from),
      json.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    );
    fc.assert(
      fc.property(body, fc.integer({ min: 400, max: 599 }), (bytes, status) => {
        expect(typeof readError({ status, headers: {}, body: bytes }).message).toBe('string');
      }),
    );
  });
});
