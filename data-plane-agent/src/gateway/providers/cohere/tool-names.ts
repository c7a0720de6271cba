import { hash } from 'node:crypto';
import type { ChatRequest } from '../../chat/chat-request.ts';

/** Cohere's names are like those of a programming language (Cohere, "Tool use": letters, digits and `_`, no digit first). */
const ALLOWED = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A tool by the client's own words. */
export interface NamedTool {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A tool's name on the wire: the same one where Cohere takes it, else a readable stem and a part of the name's hash. */
export function wireToolName({ name, namespace }: NamedTool): string {
  const whole = namespace === undefined ? name : `${namespace}__${name}`;
  if (ALLOWED.test(whole)) return whole;
  const stem = whole.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d|$)/, '_');
  return `${stem}_${hash('sha256', whole, 'hex').slice(0, 8)}`;
}

/** The client's tools by their names on the wire; only those that the answer has to say otherwise. */
export function changedTools(request: ChatRequest | undefined): ReadonlyMap<string, NamedTool> {
  const changed = new Map<string, NamedTool>();
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'other') continue;
    const wire = wireToolName(tool);
    if (wire === tool.name && tool.namespace === undefined) continue;
    changed.set(wire, {
      name: tool.name,
      ...(tool.namespace !== undefined && { namespace: tool.namespace }),
    });
  }
  return changed;
}
