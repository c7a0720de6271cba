import type { ChatTool } from '../../chat/chat-request.ts';
import { fitName, renamedTools, type ToolName, wholeToolName } from '../tool-names.ts';

/** What the API takes as a tool's name, and as a call's id. */
const FORM = { taken: /^[a-zA-Z0-9_-]{1,128}$/, refused: /[^a-zA-Z0-9_-]/g, longest: 128 };
const ID = /^[a-zA-Z0-9_-]+$/;

/**
 * Names of tools and ids of calls as the API takes them. The same name always becomes the same one, within a request and in
 * the next turn, so that a cached prefix stays what it was.
 */
export class ToolNames {
  name(tool: ClientName): string {
    return fitName(wholeToolName(tool), FORM);
  }

  id(id: string): string {
    return ID.test(id) ? id : `call_${Buffer.from(id).toString('base64url')}`;
  }
}

/** A tool as the client named it. */
export type ClientName = ToolName;

/** The client's own names, by those that were sent: a model calls a tool by what it was sent. */
export type ClientNames = ReadonlyMap<string, ClientName>;

/** Only names that were changed are in it; mostly it is empty. */
export function clientNames(tools: readonly ChatTool[]): ClientNames {
  const names = new ToolNames();
  return renamedTools(tools, (tool) => names.name(tool));
}
