import { isRecord, type JsonObject } from '../json-value.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { contentsOf, partsOf } from './check-contents.ts';
import { generateContent } from './generate-content.ts';
import { GoogleError } from './google-error.ts';

/** Answers generateContent and streamGenerateContent as Vertex AI does, which is stricter than the Gemini API in some places. */
export function vertexGenerateContent(request: SurfaceRequest): Answer {
  for (const [index, content] of contentsOf(request.body).entries()) {
    for (const [position, part] of partsOf(content).entries())
      refuseIds(part, `contents[${index}].parts[${position}]`);
  }
  for (const tool of listOf(request.body.tools)) {
    for (const declared of listOf(tool.functionDeclarations))
      refuseUnions(declared.parameters, String(declared.name), 'parameters');
  }
  return generateContent(request);
}

function refuseIds({ functionCall, functionResponse }: JsonObject, place: string): void {
  for (const [name, value] of [
    ['function_call', functionCall],
    ['function_response', functionResponse],
  ] as const) {
    if (isRecord(value) && value.id !== undefined)
      throw new GoogleError(
        400,
        `Invalid JSON payload received. Unknown name "id" at '${place}.${name}': Cannot find field.`,
      );
  }
}

function refuseUnions(schema: unknown, declared: string, path: string): void {
  if (!isRecord(schema)) return;
  if (schema.anyOf !== undefined && Object.keys(schema).length > 1)
    throw new GoogleError(
      400,
      `Unable to submit request because \`${declared}\` functionDeclaration \`${path}\` schema specified other fields alongside any_of. When using any_of, it must be the only field set. Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling`,
    );
  for (const option of listOf(schema.anyOf)) refuseUnions(option, declared, path);
  refuseUnions(schema.items, declared, `${path}.items`);
  if (!isRecord(schema.properties)) return;
  for (const [name, member] of Object.entries(schema.properties))
    refuseUnions(member, declared, `${path}.${name}`);
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
