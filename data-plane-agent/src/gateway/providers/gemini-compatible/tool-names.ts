import { createHash } from 'node:crypto';
import type { ChatRequest } from '../../chat/chat-request.ts';

/** What Gemini takes as the name of a function. */
const TAKEN = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const MOST_LENGTH = 128;

/** A tool's name as Gemini takes it: its own where possible, else a similar one made unique by a digest of its own. */
export function writeToolName(name: string): string {
  if (TAKEN.test(name)) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  const similar = name.replaceAll(/[^A-Za-z0-9_.:-]/g, '_').slice(0, MOST_LENGTH - digest.length - 2);
  return `_${similar}_${digest}`;
}

/** The client's own names by those that were written in their place; undefined where none was changed, as nearly always. */
export function changedToolNames(request: ChatRequest | undefined): ReadonlyMap<string, string> | undefined {
  let changed: Map<string, string> | undefined;
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'other') continue;
    const written = writeToolName(tool.name);
    if (written === tool.name) continue;
    changed ??= new Map();
    changed.set(written, tool.name);
  }
  return changed;
}
