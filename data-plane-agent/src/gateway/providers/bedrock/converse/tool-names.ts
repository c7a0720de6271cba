import { hash } from 'node:crypto';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import { fitName, renamedTools, type ToolName, wholeToolName } from '../../tool-names.ts';
import type { FamilyTraits } from './family-traits.ts';

/** What Bedrock takes as the name of a tool and as the id of a call. */
const FORM = { taken: /^[a-zA-Z0-9_-]{1,64}$/, refused: /[^a-zA-Z0-9_-]/g, longest: 64 };

/** Kimi's own ids, `functions.look:0`, which it wants to see again. */
const DOTTED = { taken: /^[a-zA-Z0-9_.:-]{1,64}$/, refused: /[^a-zA-Z0-9_.:-]/g, longest: 64 };

/** What Mistral takes as the id of a call. */
const NINE_CHARACTERS = /^[a-zA-Z0-9]{9}$/;

/** A tool by the client's own words. */
export type NamedTool = ToolName;

/** A tool's name on the wire: the same one where Bedrock takes it, else a readable stem and a part of the name's hash. */
export function wireToolName(name: string, namespace?: string): string {
  return fitName(wholeToolName({ name, namespace }), FORM);
}

/** A call's id on the wire, in the same way, so that a call and its result still meet. */
export function wireCallId(id: string, { callIds }: FamilyTraits): string {
  if (callIds !== 'nine') return fitName(id, callIds === 'dotted' ? DOTTED : FORM);
  return NINE_CHARACTERS.test(id) ? id : hash('sha256', id, 'hex').slice(0, 9);
}

/**
 * A tool's name as a model said it, without the marks of its own format that gpt-oss may let slip behind it:
 * `json<|channel|>commentary`. No name that was sent has such marks.
 */
export function plainToolName(name: string): string {
  const mark = name.indexOf('<|');
  return mark > 0 ? name.slice(0, mark).trimEnd() : name;
}

/**
 * The client's tools by their names on the wire, for the answer; only those that the answer has to say otherwise.
 *
 * @param request undefined: names stay as they come
 */
export function changedTools(request: ChatRequest | undefined): ReadonlyMap<string, NamedTool> {
  return renamedTools(request?.tools ?? [], (tool) => wireToolName(tool.name, tool.namespace));
}
