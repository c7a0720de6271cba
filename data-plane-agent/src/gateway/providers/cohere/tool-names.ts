import type { ChatRequest } from '../../chat/chat-request.ts';
import { fitName, renamedTools, type ToolName, wholeToolName } from '../tool-names.ts';

/** Cohere's names are like those of a programming language (Cohere, "Tool use": letters, digits and `_`, no digit first). */
const FORM = {
  taken: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
  refused: /[^a-zA-Z0-9_]/g,
  longest: Number.POSITIVE_INFINITY,
  letterFirst: true,
};

/** A tool by the client's own words. */
export type NamedTool = ToolName;

/** A tool's name on the wire: the same one where Cohere takes it, with its group in it, as the wire has none. */
export function wireToolName(tool: NamedTool): string {
  return fitName(wholeToolName(tool), FORM);
}

/** The client's tools by their names on the wire; only those that the answer has to say otherwise. */
export function changedTools(request: ChatRequest | undefined): ReadonlyMap<string, NamedTool> {
  return renamedTools(request?.tools ?? [], wireToolName);
}
