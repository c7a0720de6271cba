import type { Form } from '../body/multipart.ts';
import { replaceFormFields } from '../body/multipart-fields.ts';
import type { ChatRequest } from '../chat/chat-request.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { inspectBody } from '../json/inspect-body.ts';
import { editTopLevel } from '../json/replace-field.ts';
import { serializeAnew } from '../json/serialize-anew.ts';
import type { PassEdits, PassInput } from '../providers/provider-kind.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { openBodyState } from '../state/open-body-state.ts';
import { openRequestState } from '../state/open-request-state.ts';
import { openPreviousResponse } from '../state/response-ids.ts';
import { stateOwner } from '../state/state-owner.ts';
import { mayHoldSealedState } from '../state/state-seal.ts';
import type { ParsedRequest, RequestContext } from './request-context.ts';
import type { OperationWay, PassWay, TranslateWay, Way } from './way.ts';

/** What is sent to one target, without the headers that prove who calls. */
export interface PreparedCall {
  /** Below the provider's base URL. */
  readonly path: string;
  /** Names in lower case and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Paths of what the target cannot take. */
  readonly dropped: readonly string[];
}

/**
 * Writes a request for one target. The same each time, so that a retry sends what the first try sent.
 *
 * @throws GatewayError where the request cannot be written at all
 */
export function prepareCall(
  context: RequestContext,
  parsed: ParsedRequest,
  target: CompiledTarget,
  way: Way,
): PreparedCall {
  switch (way.type) {
    case 'pass':
      return preparePass(context, parsed, target, way);
    case 'translate':
      return prepareTranslation(context, parsed, target, way);
    case 'operation':
      return prepareOperation(parsed, target, way);
  }
}

/** The client's headers by name, looked up only when someone asks. */
class ClientInput implements PassInput {
  readonly body: PassInput['body'];
  readonly stream: boolean;
  private readonly context: RequestContext;

  constructor(context: RequestContext, body: PassInput['body'], stream: boolean) {
    this.context = context;
    this.body = body;
    this.stream = stream;
  }

  get header(): PassInput['header'] {
    return clientHeader(this.context);
  }
}

/** Values of the client's headers by lower-case name. */
function clientHeader(context: RequestContext): (name: string) => string | undefined {
  const { headers } = context.incoming;
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
}

function preparePass(
  context: RequestContext,
  parsed: ParsedRequest,
  target: CompiledTarget,
  way: PassWay,
): PreparedCall {
  if (parsed.form) return prepareForm(context, parsed, parsed.form, target, way);
  const address = way.dialect.address(target, parsed.stream);
  const opened = openSealed(context, parsed, target);
  if (opened) keepState(context, opened.shed);
  const value = opened?.body ?? parsed.value;
  const continued =
    way.dialect.wire === 'openai-responses'
      ? openPreviousResponse(parsed.value, context.services.seal, stateOwner(context, target))
      : undefined;
  const { edits, dropped, headers } = way.dialect.pass(
    new ClientInput(context, value, parsed.stream),
    target,
  );
  const bytes = opened ? Buffer.from(JSON.stringify(opened.body)) : parsed.bytes;
  return {
    path: address.path,
    headers: [...(address.headers ?? []), ...(headers ?? [])],
    body: applyEdits(
      bytes,
      continued ? { ...edits, ...continued } : edits,
      opened ? [] : context.surface.decides,
    ),
    dropped: opened ? [...dropped, ...opened.shed] : dropped,
  };
}

/** A form keeps its boundary, and every byte but the fields that change. */
function prepareForm(
  context: RequestContext,
  parsed: ParsedRequest,
  form: Form,
  target: CompiledTarget,
  { dialect }: PassWay,
): PreparedCall {
  const address = dialect.address(target, parsed.stream);
  const input = new ClientInput(context, parsed.value, parsed.stream);
  const { edits, dropped, headers } = dialect.pass(input, target);
  return {
    path: address.path,
    headers: [
      ...(address.headers ?? []),
      ...(headers ?? []),
      'content-type',
      context.incoming.headers['content-type'] ?? '',
    ],
    body: Object.keys(edits).length === 0 ? parsed.bytes : replaceFormFields(form, edits),
    dropped,
  };
}

/** Undefined when there is nothing to open, as nearly always. */
function openSealed(context: RequestContext, parsed: ParsedRequest, target: CompiledTarget) {
  if (!mayHoldSealedState(parsed.bytes)) return undefined;
  const opened = openBodyState(parsed.value, context.services.seal, stateOwner(context, target));
  return opened.changed ? opened : undefined;
}

/** @throws GatewayError where the route wants no state to be lost, and this target would lose some */
function keepState({ model }: RequestContext, [lost]: readonly string[]): void {
  if (lost !== undefined && model?.foreignState === 'error')
    throw new GatewayError('state_of_other_deployment', { param: lost });
}

/**
 * Changes top-level fields. Fields that `parse` has proved to stand there once are changed in place; for others the proof is
 * made here, and a body that fails it is written anew first.
 */
function applyEdits(bytes: Buffer, edits: PassEdits['edits'], proved: readonly string[]): Buffer {
  const fields = Object.keys(edits);
  if (fields.length === 0) return bytes;
  const safe = fields.every((field) => proved.includes(field)) || inspectBody(bytes, fields) === 'forward';
  return editTopLevel(
    safe ? bytes : serializeAnew(bytes),
    fields.map((field) => ({ field, json: JSON.stringify(edits[field]) as string | undefined })),
  );
}

/**
 * The chat in the neutral form; read once.
 *
 * @throws GatewayError for what the surface cannot read
 */
export function chatOf(context: RequestContext, parsed: ParsedRequest, way: TranslateWay): ChatRequest {
  context.chat ??= way.surface.readRequest(parsed.value, { header: clientHeader(context) });
  return context.chat;
}

function prepareTranslation(
  context: RequestContext,
  parsed: ParsedRequest,
  target: CompiledTarget,
  way: TranslateWay,
): PreparedCall {
  const chat = chatOf(context, parsed, way);
  const opened = openRequestState(chat, context.services.seal, stateOwner(context, target));
  keepState(context, opened.shed);
  const address = way.dialect.address(target, parsed.stream);
  const written = way.dialect.writeRequest(oneChoice(opened.request, way), target);
  const { value, dropped, path = address.path, headers = [] } = written;
  return {
    path,
    headers: [...(address.headers ?? []), ...headers],
    body: Buffer.from(JSON.stringify(value)),
    dropped: opened.shed.length === 0 ? dropped : [...dropped, ...opened.shed],
  };
}

/** Where one call gives one answer, several are made. */
function oneChoice(request: ChatRequest, way: TranslateWay): ChatRequest {
  if (way.dialect.takesChoices || request.sampling.choices === undefined) return request;
  return { ...request, sampling: { ...request.sampling, choices: undefined } };
}

function prepareOperation(parsed: ParsedRequest, target: CompiledTarget, way: OperationWay): PreparedCall {
  // Its files would be lost.
  if (parsed.form) throw new GatewayError('surface_unsupported');
  const { value, dropped, path, headers } = way.dialect.write(parsed.value, target);
  return { path, headers: headers ?? [], body: Buffer.from(JSON.stringify(value)), dropped };
}
