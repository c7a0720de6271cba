import type { ChatRequest } from '../../chat/chat-request.ts';
import { fitName, renamedTools, type ToolName, wholeToolName } from '../tool-names.ts';

/** What Gemini takes as the name of a function. Longer ones than this are documented, and refused by some models. */
const FORM = {
  taken: /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/,
  refused: /[^A-Za-z0-9_.:-]/g,
  longest: 64,
  letterFirst: true,
};

/** A tool's name as Gemini takes it: its own where possible, with its group in it, as the wire has none. */
export function writeToolName(tool: ToolName): string {
  return fitName(wholeToolName(tool), FORM);
}

/** The client's own tools by what was written in their place; undefined where none was changed, as nearly always. */
export function changedToolNames(
  request: ChatRequest | undefined,
): ReadonlyMap<string, ToolName> | undefined {
  const renamed = renamedTools(request?.tools ?? [], writeToolName);
  return renamed.size > 0 ? renamed : undefined;
}
