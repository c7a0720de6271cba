import { inspectBody } from './inspect-body.ts';

/**
 * Whether the bytes may be forwarded though the decision was made on the view of `JSON.parse`: each field stands at the
 * top level once or not at all, spelled plainly, and no other key can be taken for it. The reasons, and what is done
 * otherwise, stand at `inspectBody`.
 *
 * One pass over the bytes; the word in a prompt or in a tool's schema does not spoil the proof.
 *
 * @param bytes a document that `JSON.parse` accepts, an object at the top
 */
export function proveBody(bytes: Buffer, fields: readonly string[]): boolean {
  return inspectBody(bytes, fields) === 'forward';
}
