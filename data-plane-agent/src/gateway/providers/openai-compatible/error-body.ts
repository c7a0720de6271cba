import { isObject, type JsonObject } from '../../chat/wire.ts';

/** More of an error's body is not read: its code stands at the front. */
const MOST_BYTES = 65_536;
/** Nor is more kept of a body that is no JSON. */
const MOST_LETTERS = 500;
/** Errors stand in errors where a server passes on an upstream's; deeper ones are not looked for. */
const DEEPEST = 4;

/** An error as far as servers say it in common. */
export interface ErrorBody {
  /** The members of the innermost object that says something. */
  readonly members: JsonObject;
  /** Codes, types and statuses by name, the most telling first. */
  readonly names: readonly string[];
  /** HTTP's status, where the body says it. */
  readonly status: number | undefined;
  readonly message: string | undefined;
  readonly param: string | undefined;
}

/** The text of an answer's body as JSON, or as words where it is none: proxies answer with a page or a line. */
export function parseErrorBody(body: Buffer): unknown {
  if (body.length > MOST_BYTES) return undefined;
  const text = body.toString('utf8').trim();
  try {
    return JSON.parse(text);
  } catch {
    return /^</.test(text) ? titleOf(text) : text.slice(0, MOST_LETTERS);
  }
}

/** What a web page is called, `502 Bad Gateway`. */
function titleOf(page: string): string | undefined {
  return /<title>\s*([^<]{1,200}?)\s*<\/title>/i.exec(page)?.[1];
}

/** Reads the error object, the list or the text that a server sends, and what is packed inside it. */
export function readErrorBody(value: unknown, depth = 0): ErrorBody {
  const own = isObject(value) ? readMembers(value) : readPlain(value);
  const inner = depth < DEEPEST ? innerOf(value, own.message) : undefined;
  if (inner === undefined) return own;
  const within = readErrorBody(inner, depth + 1);
  return {
    members: { ...own.members, ...within.members },
    names: [...within.names, ...own.names],
    status: own.status ?? within.status,
    message: within.message ?? own.message,
    param: within.param ?? own.param,
  };
}

function readPlain(value: unknown): ErrorBody {
  const message = typeof value === 'string' && value !== '' ? value : undefined;
  return { members: {}, names: [], status: undefined, message, param: undefined };
}

function readMembers(error: JsonObject): ErrorBody {
  const inner = isObject(error.innererror) ? error.innererror.code : undefined;
  // OpenRouter's moderation says what it found, without a code for it.
  const flagged = isObject(error.metadata) && error.metadata.flagged_input !== undefined;
  const candidates = [
    inner,
    flagged ? 'content_filter' : undefined,
    error.code,
    error.type,
    error.error_type,
  ];
  const names = [...candidates, error.status].filter((name) => typeof name === 'string');
  return {
    members: error,
    names,
    status:
      statusOf(error.code) ??
      statusOf(error.status) ??
      statusOf(error.statusCode) ??
      statusOf(error.status_code),
    message: textOf(error.message) ?? textOf(error.Message) ?? textOf(error.msg),
    param: textOf(error.param) ?? placeOf(error.loc),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function statusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && status >= 100 && status < 600 ? status : undefined;
}

/** Where a FastAPI server found the fault: `["body","messages",0]`. */
function placeOf(place: unknown): string | undefined {
  return Array.isArray(place) ? place.filter((part) => part !== 'body').join('.') || undefined : undefined;
}

/** What stands inside: under OpenAI's name, FastAPI's, Mistral's, OpenRouter's, or as JSON in the sentence. */
function innerOf(value: unknown, message: string | undefined): unknown {
  if (Array.isArray(value)) return value[0];
  if (!isObject(value)) return undefined;
  for (const inner of [value.error, value.detail, value.message, value.errors])
    if (isObject(inner) || Array.isArray(inner) || (message === undefined && textOf(inner))) return inner;
  const raw = isObject(value.metadata) ? value.metadata.raw : undefined;
  if (textOf(raw) !== undefined || isObject(raw)) return typeof raw === 'string' ? (packed(raw) ?? raw) : raw;
  return message === undefined ? undefined : packed(message);
}

/** JSON in a text; undefined when it is none, or no error. */
function packed(text: string): unknown {
  const start = text.indexOf('{');
  if (start === -1 || !text.endsWith('}')) return undefined;
  try {
    const read: unknown = JSON.parse(text.slice(start));
    return isObject(read) && (readMembers(read).message ?? read.error ?? read.detail) ? read : undefined;
  } catch {
    return undefined;
  }
}
