import { hash } from 'node:crypto';
import type { ChatRequest } from '../../../chat/chat-request.ts';

/** What Bedrock takes as the name of a tool and as the id of a call. */
const ALLOWED = /^[a-zA-Z0-9_-]{1,64}$/;
const LONGEST_STEM = 55;

/** A tool by the client's own words. */
export interface NamedTool {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A tool's name on the wire: the same one where Bedrock takes it, else a readable stem and a part of the name's hash. */
export function wireToolName(name: string, namespace?: string): string {
  return allowed(namespace === undefined ? name : `${namespace}__${name}`);
}

/** A call's id on the wire, in the same way, so that a call and its result still meet. */
export function wireCallId(id: string): string {
  return allowed(id);
}

function allowed(text: string): string {
  if (ALLOWED.test(text)) return text;
  const stem = text.slice(0, LONGEST_STEM).replace(/[^a-zA-Z0-9_-]/g, '_');
  return `${stem}_${hash('sha256', text, 'hex').slice(0, 8)}`;
}

/**
 * The client's tools by their names on the wire, for the answer; only those that the answer has to say otherwise.
 *
 * @param request undefined: names stay as they come
 */
export function changedTools(request: ChatRequest | undefined): ReadonlyMap<string, NamedTool> {
  const changed = new Map<string, NamedTool>();
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'other') continue;
    const wire = wireToolName(tool.name, tool.namespace);
    if (wire !== tool.name) changed.set(wire, { name: tool.name, namespace: tool.namespace });
  }
  return changed;
}
