import { hash } from 'node:crypto';
import type { ChatTool } from '../../chat/chat-request.ts';

/** What the API takes as a tool's name, and as a call's id. */
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ID = /^[a-zA-Z0-9_-]+$/;
const LONGEST_NAME = 128;
const HASH_LENGTH = 8;

/**
 * Names of tools and ids of calls as the API takes them. The same name always becomes the same one, within a request and in
 * the next turn, so that a cached prefix stays what it was.
 */
export class ToolNames {
  name({ name, namespace }: { name: string; namespace?: string | undefined }): string {
    return plainName(namespace === undefined ? name : `${namespace}__${name}`);
  }

  id(id: string): string {
    return ID.test(id) ? id : `call_${Buffer.from(id).toString('base64url')}`;
  }
}

/** What does not fit is written readably and marked with a hash, so that two such names stay apart. */
function plainName(name: string): string {
  if (NAME.test(name)) return name;
  const stem = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST_NAME - HASH_LENGTH - 1);
  return `${stem}_${hash('sha256', name, 'hex').slice(0, HASH_LENGTH)}`;
}

/** A tool as the client named it. */
export interface ClientName {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The client's own names, by those that were sent: a model calls a tool by what it was sent. */
export type ClientNames = ReadonlyMap<string, ClientName>;

/** Only names that were changed are in it; mostly it is empty. */
export function clientNames(tools: readonly ChatTool[]): ClientNames {
  const names = new ToolNames();
  const changed = new Map<string, ClientName>();
  for (const tool of tools) {
    if (tool.type === 'other') continue;
    const sent = names.name(tool);
    if (sent !== tool.name) changed.set(sent, { name: tool.name, namespace: tool.namespace });
  }
  return changed;
}
