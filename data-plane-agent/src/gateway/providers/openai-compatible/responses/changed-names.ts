import type { ChatRequest } from '../../../chat/chat-request.ts';
import { wireToolName } from '../tool-names.ts';
import type { ChangedNames } from './read-item.ts';

/** The client's names for tools that had to change; undefined when none had to, as nearly always. Groups keep theirs. */
export function changedNames(request: ChatRequest | undefined): ChangedNames {
  let changed: Map<string, string> | undefined;
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'other') continue;
    const { name } = tool;
    const written = wireToolName({ name });
    if (written === name) continue;
    changed ??= new Map();
    changed.set(written, name);
  }
  return changed;
}
