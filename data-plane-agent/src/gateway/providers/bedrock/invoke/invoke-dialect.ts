import type { TokenCounts } from '@bonito/protocol';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { readAnthropicUsage } from '../../../metering/read-anthropic-usage.ts';
import {
  readConverseUsage,
  readInvocationHeaders,
  readInvocationMetrics,
} from '../../../metering/read-converse-usage.ts';
import { readJsonRecord } from '../../../metering/read-json-record.ts';
import { readOpenAiUsage } from '../../../metering/read-openai-usage.ts';
import { noteServed } from '../../../metering/served-as.ts';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import type {
  CallAddress,
  ErrorAnswer,
  FrameSight,
  PassDialect,
  PassInput,
  PassMeter,
} from '../../provider-kind.ts';
import { modelPath } from '../model-path.ts';
import { readError } from '../read-error.ts';
import { readInvokeChunk } from './invoke-chunk.ts';

const METRICS = 'amazon-bedrock-invocationMetrics';
/** The member's name as it may stand in base64: one spelling for each of the three places that it can begin at. */
const NEEDLES = [
  ...[0, 1, 2].map((shift) => base64Needle(METRICS, shift)),
  Buffer.from(':exception-type'),
  Buffer.from(':error-code'),
];
/** What a caller may ask of InvokeModel besides the body, and what it wants the answer's body to be. */
const HEADERS = [
  'x-amzn-bedrock-accept',
  'x-amzn-bedrock-guardrailidentifier',
  'x-amzn-bedrock-guardrailversion',
  'x-amzn-bedrock-performanceconfig-latency',
  'x-amzn-bedrock-request-metadata',
  'x-amzn-bedrock-service-tier',
  'x-amzn-bedrock-trace',
];

/** InvokeModel with any model's own body, passed on untouched. */
export const invokeDialect: PassDialect = {
  wire: 'bedrock-invoke',
  framing: 'aws',
  address: invokeAddress,
  pass: (input) => ({ edits: {}, dropped: [], headers: invokeHeaders(input) }),
  readUsage,
  passMeter: () => new InvokeMeter(),
  readError,
};

/** InvokeModel, or the streamed form of it. */
export function invokeAddress(target: CompiledTarget, stream: boolean): CallAddress {
  return { path: modelPath(target, stream ? 'invoke-with-response-stream' : 'invoke') };
}

/** The client's headers that belong to the operation. */
export function invokeHeaders(input: PassInput): readonly string[] {
  const kept: string[] = [];
  for (const name of HEADERS) {
    const value = input.header(name);
    if (value !== undefined) kept.push(name, value);
  }
  return kept;
}

/** By the headers, whatever the model; Claude's own figures say more, for one how long a cache that was written lives. */
function readUsage(body: JsonObject, headers: ErrorAnswer['headers'] | undefined): TokenCounts | undefined {
  const claude = claudeUsage(body.usage);
  if (claude) return noteServed(claude, headers?.['x-amzn-bedrock-service-tier']);
  return (headers && readInvocationHeaders(headers)) ?? readBodyUsage(body);
}

function claudeUsage(usage: unknown): TokenCounts | undefined {
  const isClaude =
    isObject(usage) && ('cache_creation_input_tokens' in usage || 'cache_read_input_tokens' in usage);
  return isClaude ? readAnthropicUsage(usage) : undefined;
}

/** Usage in the bodies of the models that say it, in each one's own words. */
function readBodyUsage(body: JsonObject): TokenCounts | undefined {
  const { usage } = body;
  if (isObject(usage)) return readConverseUsage(usage) ?? readOpenAiUsage(usage);
  // Llama; Titan.
  const input = body.prompt_token_count ?? body.inputTextTokenCount;
  const results = Array.isArray(body.results) ? body.results : [];
  const output = body.generation_token_count ?? (isObject(results[0]) ? results[0].tokenCount : undefined);
  return readConverseUsage({ inputTokens: input, outputTokens: output });
}

/** Bedrock puts its figures into the last chunk, whatever the model; Claude's first one says how long a written cache lives. */
class InvokeMeter implements PassMeter {
  figures: TokenCounts | undefined;
  /** The bodies are not known here, so a stream that HTTP calls complete is complete once it held a chunk. */
  mayClose = false;
  /** Tokens that were written for an hour. */
  #hour = 0;

  concerns(bytes: Buffer): boolean {
    return !this.mayClose || NEEDLES.some((needle) => bytes.includes(needle));
  }

  frame(frame: StreamFrame): FrameSight {
    if (frame.exception) return 'error';
    const { data } = frame;
    if (frame.event !== 'chunk') return 'keep-alive';
    if (!this.mayClose) this.#hour = hourTokens(frame);
    this.mayClose = true;
    if (!NEEDLES.some((needle) => data.includes(needle))) return 'data';
    const metrics = readJsonRecord(readInvokeChunk(frame) ?? Buffer.alloc(0))?.[METRICS];
    this.figures = withHour(readInvocationMetrics(metrics), this.#hour) ?? this.figures;
    return isObject(metrics) ? 'end' : 'data';
  }
}

function hourTokens(frame: StreamFrame): number {
  const message = readJsonRecord(readInvokeChunk(frame) ?? Buffer.alloc(0))?.message;
  return (isObject(message) && claudeUsage(message.usage)?.cache_write_1h) || 0;
}

function withHour(counts: TokenCounts | undefined, hour: number): TokenCounts | undefined {
  const { cache_write: written = 0, ...others } = counts ?? {};
  const long = Math.min(hour, written);
  if (long === 0) return counts;
  return { ...others, ...(written > long && { cache_write: written - long }), cache_write_1h: long };
}

/** The part of the text's base64 that is the same whatever stands before and behind it. */
function base64Needle(text: string, shift: number): Buffer {
  const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64');
  return Buffer.from(
    encoded.slice(shift === 0 ? 0 : shift + 1, (encoded.replace(/=+$/, '').length & ~3) - 4),
  );
}
