import { isObject, type JsonObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { CallAddress, OperationDialect } from '../provider-kind.ts';
import { readError } from './read-error.ts';

const TAKEN = new Set(['model', 'prompt', 'n', 'size', 'response_format', 'output_format', 'aspect_ratio']);
const RATIOS = ['1:1', '3:4', '4:3', '9:16', '16:9'];
const FORMATS: Readonly<Record<string, string>> = { png: 'image/png', jpeg: 'image/jpeg' };

/**
 * OpenAI's image generations by Imagen's `:predict`.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api
 */
export function imagenDialect(address: (target: CompiledTarget) => CallAddress): OperationDialect {
  return {
    write(body, target) {
      const dropped = Object.keys(body).filter((name) => !TAKEN.has(name) && body[name] !== null);
      // The images come as bytes; nobody keeps them behind a URL.
      if (body.response_format === 'url') dropped.push('response_format');
      const parameters = {
        sampleCount: readCount(body),
        ...writeRatio(body, dropped),
        ...writeFormat(body, dropped),
      };
      return {
        value: { instances: [{ prompt: readPrompt(body) }], parameters },
        dropped,
        ...address(target),
      };
    },
    read(answer) {
      // A prompt whose images were all filtered out has no predictions at all.
      const predictions = answer.predictions ?? [];
      if (!Array.isArray(predictions)) throw new MalformedAnswerError('predictions');
      const data = predictions.flatMap((one) =>
        isObject(one) && typeof one.bytesBase64Encoded === 'string'
          ? [
              {
                b64_json: one.bytesBase64Encoded,
                ...(typeof one.prompt === 'string' && { revised_prompt: one.prompt }),
              },
            ]
          : [],
      );
      const usage = data.length > 0 ? { images: data.length } : {};
      return { value: { created: 0, data }, usage };
    },
    readError,
  };
}

function readPrompt({ prompt }: JsonObject): string {
  if (typeof prompt === 'string') return prompt;
  throw new GatewayError(prompt === undefined ? 'missing_required_parameter' : 'invalid_type', {
    param: 'prompt',
  });
}

function readCount({ n }: JsonObject): number {
  if (n === undefined || n === null) return 1;
  if (typeof n === 'number') return n;
  throw new GatewayError('invalid_type', { param: 'n', detail: 'It has to be of type number.' });
}

/** Imagen knows ratios and no sizes: a size whose pixels it would not keep is named. */
function writeRatio({ size, aspect_ratio: ratio }: JsonObject, dropped: string[]): JsonObject {
  if (typeof ratio === 'string') return { aspectRatio: ratio };
  if (size === undefined || size === null || size === 'auto') return {};
  const [, width, height] = /^(\d+)x(\d+)$/.exec(String(size)) ?? [];
  const found = RATIOS.find((name) => {
    const [wide = 1, high = 1] = name.split(':').map(Number);
    return Number(width) * high === Number(height) * wide;
  });
  if (size !== '1024x1024') dropped.push('size');
  return found === undefined ? {} : { aspectRatio: found };
}

function writeFormat({ output_format: format }: JsonObject, dropped: string[]): JsonObject {
  if (format === undefined || format === null) return {};
  const mimeType = Object.hasOwn(FORMATS, String(format)) ? FORMATS[String(format)] : undefined;
  if (mimeType === undefined) dropped.push('output_format');
  return mimeType === undefined ? {} : { outputOptions: { mimeType } };
}
