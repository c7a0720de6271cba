import { hash } from 'node:crypto';
import type { ChatTool } from '../chat/chat-request.ts';

const HASH_LENGTH = 8;

/** A tool's name and group as the client has them. */
export interface ToolName {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** What a provider takes as a name. */
export interface NameForm {
  readonly taken: RegExp;
  /** The characters that it does not take, all of them. */
  readonly refused: RegExp;
  readonly longest: number;
  /** A name begins with a letter or `_`. */
  readonly letterFirst?: boolean;
}

/** Wires without groups have the group in the name. */
export function wholeToolName({ name, namespace }: ToolName): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/**
 * A name as a provider takes it, the same each time, so that a cached prefix stays what it was. What does not fit is written
 * readably, cut, and marked with a hash, so that two such names stay apart.
 */
export function fitName(text: string, { taken, refused, longest, letterFirst }: NameForm): string {
  if (taken.test(text)) return text;
  const readable = text.replaceAll(refused, '_');
  const stem = letterFirst && !/^[A-Za-z_]/.test(readable) ? `_${readable}` : readable;
  return `${stem.slice(0, longest - HASH_LENGTH - 1)}_${hash('sha256', text, 'hex').slice(0, HASH_LENGTH)}`;
}

/** The client's tools by their names on the wire: only those that an answer has to say otherwise, mostly none. */
export function renamedTools(
  tools: readonly ChatTool[],
  write: (tool: ToolName) => string,
): ReadonlyMap<string, ToolName> {
  const renamed = new Map<string, ToolName>();
  for (const tool of tools) {
    if (tool.type === 'other') continue;
    const written = write(tool);
    if (written === tool.name && tool.namespace === undefined) continue;
    const { name, namespace } = tool;
    renamed.set(written, { name, ...(namespace !== undefined && { namespace }) });
  }
  return renamed;
}

/** The tool that a choice names, which says nothing of its group. */
export function chosenTool(name: string, tools: readonly ChatTool[]): ToolName {
  const tool = tools.find((one) => one.type !== 'other' && one.name === name);
  return tool === undefined || tool.type === 'other' ? { name } : tool;
}
