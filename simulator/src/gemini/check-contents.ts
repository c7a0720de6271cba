import { isRecord, type JsonObject } from '../json-value.ts';
import type { StateSigner } from '../model/state-signer.ts';
import { GoogleError } from './google-error.ts';

/** Signatures that Google accepts for calls that another model made. */
const skippedSignatures = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

/** The contents of a request. */
export function contentsOf(body: JsonObject): JsonObject[] {
  return Array.isArray(body.contents) ? body.contents.filter(isRecord) : [];
}

/** The parts of a content. */
export function partsOf(content: unknown): JsonObject[] {
  return isRecord(content) && Array.isArray(content.parts) ? content.parts.filter(isRecord) : [];
}

/** What a thought signature signs: the call that it stands at. */
export function callText(call: JsonObject): string {
  return `${call.name} ${JSON.stringify(call.args ?? {})}`;
}

/** The rules of generateContent that translations break most often. Throws `GoogleError` 400 in Google's words. */
export function checkContents(body: JsonObject, model: string, signer: StateSigner): void {
  const contents = contentsOf(body);
  if (contents.length === 0) refuse('* GenerateContentRequest.contents: contents is not specified\n');
  for (const [index, content] of contents.entries()) {
    const parts = partsOf(content);
    if (
      content.role !== undefined &&
      content.role !== 'user' &&
      content.role !== 'model' &&
      content.role !== 'function'
    )
      refuse('Please use a valid role: user, model.');
    if (parts.length === 0)
      refuse(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`);
    for (const [position, part] of parts.entries()) checkPart(part, `contents[${index}].parts[${position}]`);
  }
  checkResponses(contents);
  // Signatures are demanded since Gemini 3.
  if (!/gemini-[12]/.test(model)) checkSignatures(contents, signer);
}

function refuse(message: string): never {
  throw new GoogleError(400, message);
}

const dataMembers = [
  'text',
  'inlineData',
  'inline_data',
  'fileData',
  'file_data',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
];

function checkPart(part: JsonObject, place: string): void {
  const isSet = dataMembers.some((member) => part[member] !== undefined);
  if (!isSet && part.thoughtSignature === undefined)
    refuse(
      `* GenerateContentRequest.${place}.data: required oneof field 'data' must have one initialized field\n`,
    );
  const response = part.functionResponse;
  if (isRecord(response) && !isRecord(response.response))
    refuse(
      `Invalid value at '${place}.function_response.response' (type.googleapis.com/google.protobuf.Struct)`,
    );
}

function checkResponses(contents: readonly JsonObject[]): void {
  for (const [index, content] of contents.entries()) {
    const calls = partsOf(content).filter(({ functionCall }) => functionCall).length;
    const answers = partsOf(contents[index + 1]).filter(({ functionResponse }) => functionResponse).length;
    if (calls > 0 && calls !== answers)
      refuse(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
    const isAnswer = partsOf(content).some(({ functionResponse }) => functionResponse);
    const isAfterCall = partsOf(contents[index - 1]).some(({ functionCall }) => functionCall);
    if (isAnswer && !isAfterCall)
      refuse('Please ensure that function response turn comes immediately after a function call turn.');
    const before = contents[index - 1];
    if (calls > 0 && (index === 0 || before?.role === 'model'))
      refuse(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      );
  }
}

/** The first call of each step of the current turn must bring its signature; others that bring one, the right one. */
function checkSignatures(contents: readonly JsonObject[], signer: StateSigner): void {
  const start = contents.findLastIndex(
    (content) =>
      content.role !== 'model' && partsOf(content).some(({ functionResponse }) => !functionResponse),
  );
  for (const [index, content] of contents.entries()) {
    if (content.role !== 'model') continue;
    const calls = partsOf(content).filter(({ functionCall }) => isRecord(functionCall));
    for (const [position, { functionCall, thoughtSignature }] of calls.entries()) {
      if (!isRecord(functionCall)) continue;
      if (thoughtSignature === undefined) {
        if (position > 0 || index < start) continue;
        refuse(
          `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${functionCall.name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
        );
      }
      const isSkipped = skippedSignatures.includes(decodeSkipped(thoughtSignature));
      if (!isSkipped && !signer.isSignatureOf(thoughtSignature, callText(functionCall)))
        refuse('Thought signature is not valid.');
    }
  }
}

/** The words may come plain, or in base64 as a field of bytes. */
function decodeSkipped(signature: unknown): string {
  const text = String(signature);
  return skippedSignatures.includes(text) ? text : Buffer.from(text, 'base64').toString();
}
