import { readBody } from '../body/read-body.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseBody } from '../json/parse-body.ts';
import type { ParsedRequest, RequestContext } from './request-context.ts';

/** The top-level fields that something is decided on. */
const DECIDED_FIELDS = ['model', 'stream', 'stream_options'] as const;

/** Reads the body and what is decided from it. Everything that is not looked at passes untouched. */
export async function parse(context: RequestContext): Promise<void> {
  const { services, incoming } = context;
  const limitBytes = services.settings.bodyLimitBytes;
  const body = await readBody(incoming, { limitBytes, budget: services.budget });
  context.body = body;
  context.parsed = readRequest(body.bytes, context.surface.streams);
}

/**
 * @param streams whether `stream` means something for this surface
 * @throws GatewayError with `param` where a field is at fault
 */
export function readRequest(body: Buffer, streams: boolean): ParsedRequest {
  const { value, bytes } = parseBody(body, DECIDED_FIELDS);
  const { model, stream, stream_options: streamOptions } = value;
  if (model === undefined || model === '')
    throw new GatewayError('missing_required_parameter', { param: 'model' });
  if (typeof model !== 'string') throw new GatewayError('invalid_type', { param: 'model' });
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw new GatewayError('invalid_type', { param: 'stream' });
  }
  if (!isOptions(streamOptions)) throw new GatewayError('invalid_type', { param: 'stream_options' });
  return {
    bytes,
    model,
    stream: streams && stream === true,
    streamOptions: streamOptions ?? undefined,
    wantsUsage: streamOptions?.include_usage === true,
  };
}

function isOptions(value: unknown): value is Record<string, unknown> | null | undefined {
  return value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));
}
