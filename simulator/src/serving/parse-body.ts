import { isRecord, type JsonObject } from '../json-value.ts';

/** A file of a form. */
interface FormFile {
  name: string;
  mediaType: string;
  bytes: number;
}

/** A JSON object, or the fields of a form; several fields of one name become an array. Undefined for all else. */
export async function parseBody(
  bytes: Buffer,
  contentType: string | undefined,
): Promise<JsonObject | undefined> {
  if (contentType?.startsWith('multipart/form-data')) return parseForm(bytes, contentType);
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function parseForm(bytes: Buffer, contentType: string): Promise<JsonObject | undefined> {
  const headers = { 'content-type': contentType };
  try {
    const form = await new Response(new Uint8Array(bytes), { headers }).formData();
    const body: Record<string, unknown[]> = {};
    for (const [field, value] of form) {
      const name = field.replace(/\[\]$/, '');
      body[name] = [...(body[name] ?? []), typeof value === 'string' ? value : describeFile(value)];
    }
    return Object.fromEntries(
      Object.entries(body).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
    );
  } catch {
    return undefined;
  }
}

function describeFile({ name, type, size }: File): FormFile {
  return { name, mediaType: type, bytes: size };
}
