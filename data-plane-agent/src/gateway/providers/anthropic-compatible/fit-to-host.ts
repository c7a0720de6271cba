import { isObject, type JsonObject } from '../../chat/wire.ts';

/** What a cloud that serves Claude takes of Anthropic's own body; it refuses a whole request for anything else. */
export interface HostLimits {
  readonly takesBeta: (name: string) => boolean;
  /** Top-level members that it refuses. */
  readonly untakenFields: readonly string[];
  /** Types of tools that Anthropic runs itself, and this host does not. */
  readonly untakenTools: RegExp;
  /** Tools cannot say one by one that their arguments may come unchecked: a beta says it for all. */
  readonly streamsToolsByBeta: boolean;
  /** The model is refused there for `strict` of tools, whatever it says, and for `output_config.format`. */
  readonly promisesNothing?: boolean | undefined;
  /** The model is refused there for the time that a cache is to live. */
  readonly shortCaches?: boolean | undefined;
}

/** How a body has to change for a host. */
export interface FittedBody {
  /** Members that change; undefined ones are removed. */
  readonly edits: Readonly<Record<string, unknown>>;
  readonly betas: readonly string[];
  readonly dropped: readonly string[];
}

/** One name for several features, which the clouds have each under its own name. */
const ADVANCED_TOOLS = 'advanced-tool-use-2025-11-20';
const CONTEXT_MANAGEMENT = 'context-management-2025-06-27';
const COMPACTION = 'compact-2026-01-12';
const TOOL_SEARCH = 'tool-search-tool-2025-10-19';
const TOOL_EXAMPLES = 'tool-examples-2025-10-29';
const TOOL_STREAMING = 'fine-grained-tool-streaming-2025-05-14';

/**
 * Fits a body to a host. A beta and the members that need it are kept or left out together; members that need one bring it
 * along, since Anthropic's own API asks for it under another name or not at all.
 *
 * @param header values of `anthropic-beta`, by commas
 */
export function fitToHost(body: JsonObject, header: string | undefined, limits: HostLimits): FittedBody {
  const dropped: string[] = [];
  const edits: Record<string, unknown> = {};
  const betas = new Set<string>();
  for (const name of namedBetas(header, body.anthropic_beta)) {
    if (limits.takesBeta(name)) betas.add(name);
    else if (name !== ADVANCED_TOOLS) dropped.push(`anthropic_beta.${name}`);
  }
  const take = (beta: string): boolean => {
    if (!limits.takesBeta(beta)) return false;
    betas.add(beta);
    return true;
  };
  for (const name of limits.untakenFields) {
    if (body[name] === undefined || body[name] === null) continue;
    edits[name] = undefined;
    dropped.push(name);
  }
  if (isObject(body.context_management)) {
    const edited = contextBetas(body.context_management);
    if (!edited.every((beta) => limits.takesBeta(beta))) {
      edits.context_management = undefined;
      dropped.push('context_management');
    } else for (const beta of edited) betas.add(beta);
  }
  fitTools(body, { limits, take, edits, dropped });
  if (limits.promisesNothing && isObject(body.output_config) && body.output_config.format !== undefined) {
    const { format: _untaken, ...config } = body.output_config;
    edits.output_config = Object.keys(config).length > 0 ? config : undefined;
    dropped.push('output_config.format');
  }
  fitCacheControl({ ...body, ...edits }, limits, edits, dropped);
  return { edits, betas: [...betas], dropped };
}

function namedBetas(header: string | undefined, inBody: unknown): string[] {
  const named = (header ?? '').split(',').map((name) => name.trim());
  const listed = Array.isArray(inBody) ? inBody.filter((name) => typeof name === 'string') : [];
  return [...new Set([...listed, ...named])].filter((name) => name !== '');
}

function contextBetas({ edits }: JsonObject): string[] {
  const types = Array.isArray(edits) ? edits.map((edit) => (isObject(edit) ? String(edit.type) : '')) : [];
  const betas = types.map((type) => (type.startsWith('compact_') ? COMPACTION : CONTEXT_MANAGEMENT));
  return betas.length === 0 ? [CONTEXT_MANAGEMENT] : [...new Set(betas)];
}

interface Fitting {
  readonly limits: HostLimits;
  readonly take: (beta: string) => boolean;
  readonly edits: Record<string, unknown>;
  readonly dropped: string[];
}

function fitTools(body: JsonObject, { limits, take, edits, dropped }: Fitting): void {
  if (!Array.isArray(body.tools)) return;
  let changed = false;
  const tools = body.tools.flatMap((tool: unknown, index) => {
    if (!isObject(tool)) return [tool];
    const type = typeof tool.type === 'string' ? tool.type : '';
    const path = `tools[${index}]`;
    if (limits.untakenTools.test(type) || (type.startsWith('tool_search_') && !take(TOOL_SEARCH))) {
      changed = true;
      dropped.push(path);
      return [];
    }
    const removed = new Set<string>();
    if (tool.defer_loading === true && !take(TOOL_SEARCH)) removed.add('defer_loading');
    if (tool.input_examples !== undefined && !take(TOOL_EXAMPLES)) removed.add('input_examples');
    if (tool.strict === true && limits.promisesNothing) removed.add('strict');
    for (const name of removed) dropped.push(`${path}.${name}`);
    if (tool.strict !== undefined && limits.promisesNothing) removed.add('strict');
    if (limits.streamsToolsByBeta && tool.eager_input_streaming !== undefined) {
      if (tool.eager_input_streaming === true) take(TOOL_STREAMING);
      removed.add('eager_input_streaming');
    }
    if (removed.size === 0) return [tool];
    changed = true;
    return [Object.fromEntries(Object.entries(tool).filter(([name]) => !removed.has(name)))];
  });
  if (!changed) return;
  edits.tools = tools.length === 0 ? undefined : tools;
  if (tools.length === 0 && body.tool_choice !== undefined) edits.tool_choice = undefined;
}

/**
 * The clouds have no caches of wider scope, and want each place that is kept marked where it is: the one member that asks
 * for it in general marks the last block that can be.
 */
function fitCacheControl(
  body: JsonObject,
  { shortCaches = false }: HostLimits,
  edits: Record<string, unknown>,
  dropped: string[],
): void {
  const lost = new Set<string>();
  for (const name of ['system', 'tools', 'messages']) {
    const fitted = fitControls(body[name], shortCaches, lost);
    if (fitted !== body[name]) edits[name] = fitted;
  }
  const { cache_control: general } = body;
  const control = fitControl(general, shortCaches, lost);
  dropped.push(...lost);
  if (general === undefined || general === null) return;
  edits.cache_control = undefined;
  const marked = markLast(edits.messages ?? body.messages, control);
  if (marked) edits.messages = marked;
  else dropped.push('cache_control');
}

/** The value itself where nothing in it changes. */
function fitControls(value: unknown, shortCaches: boolean, lost: Set<string>): unknown {
  if (Array.isArray(value)) {
    let changed = false;
    const items = value.map((item: unknown) => {
      const fitted = fitControls(item, shortCaches, lost);
      changed ||= fitted !== item;
      return fitted;
    });
    return changed ? items : value;
  }
  if (!isObject(value)) return value;
  let fitted: Record<string, unknown> | undefined;
  const control = fitControl(value.cache_control, shortCaches, lost);
  if (control !== value.cache_control) fitted = { ...value, cache_control: control };
  if (Array.isArray(value.content)) {
    const content = fitControls(value.content, shortCaches, lost);
    if (content !== value.content) fitted = { ...value, ...fitted, content };
  }
  return fitted ?? value;
}

/** Five minutes are what happens unasked. */
function fitControl(control: unknown, shortCaches: boolean, lost: Set<string>): unknown {
  if (!isObject(control)) return control;
  const { scope, ttl, ...kept } = control;
  if (scope !== undefined) lost.add('cache_control.scope');
  if (shortCaches && ttl !== undefined && ttl !== '5m') lost.add('cache_control.ttl');
  const timed = ttl !== undefined && !shortCaches;
  if (scope === undefined && (ttl === undefined || timed)) return control;
  return timed ? { ...kept, ttl } : kept;
}

/** Undefined where the last turn has no block that can be marked. */
function markLast(messages: unknown, control: unknown): unknown[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  const last: unknown = messages.at(-1);
  if (!isObject(last)) return undefined;
  const blocks: unknown[] =
    typeof last.content === 'string' ? [{ type: 'text', text: last.content }] : toList(last.content);
  const at = blocks.findLastIndex(isMarkable);
  const block = blocks[at];
  if (!isObject(block)) return undefined;
  const content = blocks.with(at, { cache_control: control, ...block });
  return messages.with(-1, { ...last, content });
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isMarkable(block: unknown): boolean {
  if (!isObject(block) || block.type === 'thinking' || block.type === 'redacted_thinking') return false;
  return block.type !== 'text' || (typeof block.text === 'string' && block.text.trim() !== '');
}
