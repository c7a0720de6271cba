import { GatewayError } from '../errors/gateway-error.ts';
import { alikeField } from '../json/key-resemblance.ts';
import { type Form, type FormPart, partText } from './multipart.ts';

/** Longer texts are not looked at: no prompt of a form is as long. */
const LONGEST_TEXT = 65_536;
const PLAIN_TEXT = /^text\/plain(?:[ \t]*;[ \t]*charset="?(?:utf-8|us-ascii)"?)?$/i;

/**
 * The text fields by name, files left out; a name that comes several times has a list.
 *
 * @param decided names that something is decided on: each may stand there once, as plain text, and nothing else that some
 *   reader takes for it (`Model`, `model[]`)
 * @throws GatewayError `ambiguous_key`, `invalid_form`
 */
export function readFormFields(form: Form, decided: readonly string[]): Record<string, unknown> {
  const fields = Object.create(null) as Record<string, unknown>;
  for (const part of form.parts) {
    const field = decided.find((name) => mayBe(part.name, name));
    if (field !== undefined && (part.name !== field || field in fields || !isPlainText(part)))
      throw new GatewayError('ambiguous_key', { param: field });
    if (part.filename !== undefined || part.end - part.start > LONGEST_TEXT) {
      if (field !== undefined) throw new GatewayError('invalid_type', { param: field });
      continue;
    }
    const text = partText(form, part);
    const before = fields[part.name];
    if (before === undefined) fields[part.name] = text;
    else if (Array.isArray(before)) before.push(text);
    else fields[part.name] = [before, text];
  }
  return fields;
}

/** Frameworks take brackets and dots for lists and members, and undo percent signs. */
function mayBe(name: string, field: string): boolean {
  if (name === field) return true;
  let plain = name;
  try {
    plain = decodeURIComponent(name);
  } catch {}
  return alikeField(plain, field) || alikeField(plain.replace(/[[.].*$/s, ''), field);
}

function isPlainText({ filename, contentType }: FormPart): boolean {
  return filename === undefined && (contentType === undefined || PLAIN_TEXT.test(contentType));
}

/**
 * Gives fields a new text by splicing bytes: one that is there in its place, one that is missing in front of all others.
 * Holds for fields that `readFormFields` passed as decided ones.
 */
export function replaceFormFields(form: Form, values: Readonly<Record<string, unknown>>): Buffer {
  const { bytes, boundary, parts } = form;
  const pieces: (Buffer | string)[] = [];
  let copied = 0;
  for (const [name, value] of Object.entries(values)) {
    if (!parts.some((part) => part.name === name))
      pieces.push(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${textOf(value)}\r\n`,
      );
  }
  for (const { name, start, end } of parts) {
    if (!Object.hasOwn(values, name)) continue;
    pieces.push(bytes.subarray(copied, start), textOf(values[name]));
    copied = end;
  }
  pieces.push(bytes.subarray(copied));
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
