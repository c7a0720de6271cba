import type { HeldBody } from '../body/decompress.ts';
import { type Form, readForm } from '../body/multipart.ts';
import { readFormFields } from '../body/multipart-fields.ts';
import { readBoundary } from '../body/multipart-type.ts';
import { readBody } from '../body/read-body.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseBody } from '../json/parse-body.ts';
import type { ParsedRequest, PipelineSurface, RequestContext } from './request-context.ts';

/** Reads the body and what is decided from it. Everything that is not looked at passes untouched. */
export function parse(context: RequestContext): void | Promise<void> {
  const { services, incoming } = context;
  const limitBytes = services.settings.bodyLimitBytes;
  const body = readBody(incoming, { limitBytes, budget: services.budget });
  if (body instanceof Promise) return body.then((whole) => take(context, whole));
  take(context, body);
}

function take(context: RequestContext, body: HeldBody): void {
  const { incoming, surface, pathModel } = context;
  context.body = body;
  const boundary =
    surface.bodyKind === 'multipart' ? readBoundary(incoming.headers['content-type']) : undefined;
  context.parsed =
    boundary === undefined
      ? readRequest(body.bytes, surface, pathModel)
      : readFormRequest(readForm(body.bytes, boundary), surface, pathModel);
}

/**
 * @param pathModel the model, where the path names it: the body's own is not looked at then
 * @throws GatewayError with `param` where a field is at fault
 */
export function readRequest(
  body: Buffer,
  surface: Pick<PipelineSurface, 'streams' | 'decides'>,
  pathModel: string | undefined,
): ParsedRequest {
  const { value, bytes } = parseBody(body, surface.decides);
  const { stream, stream_options: streamOptions } = value;
  const byBody = surface.streams === 'body';
  if (byBody && stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw new GatewayError('invalid_type', { param: 'stream' });
  }
  if (byBody && !isOptions(streamOptions))
    throw new GatewayError('invalid_type', { param: 'stream_options' });
  return {
    bytes,
    value,
    model: pathModel ?? readModel(value.model),
    stream: byBody ? stream === true : surface.streams === 'always',
    wantsUsage: isOptions(streamOptions) && streamOptions?.include_usage === true,
  };
}

/** @throws GatewayError with `param` where a field is at fault */
function readFormRequest(
  form: Form,
  surface: Pick<PipelineSurface, 'streams' | 'decides'>,
  pathModel: string | undefined,
): ParsedRequest {
  const value = readFormFields(form, surface.decides);
  return {
    bytes: form.bytes,
    value,
    form,
    model: pathModel ?? readModel(value.model),
    stream: surface.streams === 'body' ? readSwitch(value.stream) : surface.streams === 'always',
    wantsUsage: false,
  };
}

/** A form's `stream`, in the spellings that servers read. */
function readSwitch(value: unknown): boolean {
  if (value === undefined) return false;
  const known = typeof value === 'string' ? SWITCH[value.toLowerCase()] : undefined;
  if (known === undefined) throw new GatewayError('invalid_type', { param: 'stream' });
  return known;
}

const SWITCH: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  false: false,
  '0': false,
  '': false,
};

function readModel(model: unknown): string {
  if (model === undefined || model === '')
    throw new GatewayError('missing_required_parameter', { param: 'model' });
  if (typeof model !== 'string') throw new GatewayError('invalid_type', { param: 'model' });
  return model;
}

function isOptions(value: unknown): value is Record<string, unknown> | null | undefined {
  return value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));
}
