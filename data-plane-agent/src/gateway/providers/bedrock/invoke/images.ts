import type { JsonObject } from '../../../chat/wire.ts';
import { GatewayError } from '../../../errors/gateway-error.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { OperationDialect } from '../../provider-kind.ts';
import { modelPath } from '../model-path.ts';
import { readError } from '../read-error.ts';
import { readNumber, readText, untaken } from './operation-input.ts';

/** How one family of models draws by InvokeModel. */
interface Painter {
  readonly taken: ReadonlySet<string>;
  /** @param dropped gets the names of members whose value has no equal there */
  write(body: JsonObject, dropped: string[]): JsonObject;
}

const QUALITIES: Readonly<Record<string, string>> = {
  standard: 'standard',
  medium: 'standard',
  hd: 'premium',
  high: 'premium',
};
const ASPECT_RATIOS = ['16:9', '1:1', '21:9', '2:3', '3:2', '4:5', '5:4', '9:16', '9:21'];
const FORMATS = new Set(['png', 'jpeg', 'webp']);

/** Titan Image Generator and Nova Canvas share their form. */
const AMAZON: Painter = {
  taken: new Set([
    'model',
    'prompt',
    'n',
    'size',
    'quality',
    'response_format',
    'negative_prompt',
    'seed',
    'cfg_scale',
  ]),
  write: (body, dropped) => ({
    taskType: 'TEXT_IMAGE',
    textToImageParams: {
      text: readText(body, 'prompt'),
      ...(typeof body.negative_prompt === 'string' && { negativeText: body.negative_prompt }),
    },
    imageGenerationConfig: {
      numberOfImages: readNumber(body, 'n') ?? 1,
      ...writeQuality(body, dropped),
      ...writeSize(body, dropped),
      ...(body.seed !== undefined && { seed: readNumber(body, 'seed') }),
      ...(body.cfg_scale !== undefined && { cfgScale: readNumber(body, 'cfg_scale') }),
    },
  }),
};

const STABILITY: Painter = {
  taken: new Set([
    'model',
    'prompt',
    'n',
    'size',
    'aspect_ratio',
    'output_format',
    'response_format',
    'negative_prompt',
    'seed',
  ]),
  write(body, dropped) {
    if ((readNumber(body, 'n') ?? 1) > 1) {
      throw new GatewayError('invalid_type', {
        param: 'n',
        detail: 'This model draws one image in a request.',
      });
    }
    const ratio = typeof body.aspect_ratio === 'string' ? body.aspect_ratio : aspectRatio(body, dropped);
    const format = body.output_format;
    if (format !== undefined && !FORMATS.has(String(format))) dropped.push('output_format');
    return {
      prompt: readText(body, 'prompt'),
      mode: 'text-to-image',
      ...(ratio !== undefined && { aspect_ratio: ratio }),
      ...(typeof format === 'string' && FORMATS.has(format) && { output_format: format }),
      ...(body.seed !== undefined && { seed: readNumber(body, 'seed') }),
      ...(typeof body.negative_prompt === 'string' && { negative_prompt: body.negative_prompt }),
    };
  },
};

/** The dialect for a family; undefined for one whose models do not draw. */
export function imagesDialect(family: string): OperationDialect | undefined {
  return DIALECTS[family];
}

function dialect(painter: Painter): OperationDialect {
  return {
    write(body, target) {
      const dropped = untaken(body, painter.taken);
      // The images come as bytes; nobody keeps them behind a URL.
      if (body.response_format === 'url') dropped.push('response_format');
      return { value: painter.write(body, dropped), dropped, path: modelPath(target, 'invoke') };
    },
    read(answer) {
      // What a filter took away is missing from the list, or the list is null.
      const images = answer.images ?? [];
      if (!Array.isArray(images)) throw new MalformedAnswerError('images');
      const data = images.filter((image) => typeof image === 'string').map((image) => ({ b64_json: image }));
      const usage = data.length > 0 ? { images: data.length } : {};
      return { value: { created: 0, data }, usage };
    },
    readError,
  };
}

const DIALECTS: Readonly<Partial<Record<string, OperationDialect>>> = {
  titan: dialect(AMAZON),
  nova: dialect(AMAZON),
  stability: dialect(STABILITY),
};

function writeQuality(body: JsonObject, dropped: string[]): JsonObject {
  const { quality } = body;
  if (quality === undefined || quality === null || quality === 'auto') return {};
  const known =
    typeof quality === 'string' && Object.hasOwn(QUALITIES, quality) ? QUALITIES[quality] : undefined;
  if (known === undefined) dropped.push('quality');
  return known === undefined ? {} : { quality: known };
}

function readSize(body: JsonObject, dropped: string[]): { width: number; height: number } | undefined {
  const { size } = body;
  if (size === undefined || size === null || size === 'auto') return undefined;
  const [, width, height] = /^(\d+)x(\d+)$/.exec(String(size)) ?? [];
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  dropped.push('size');
  return undefined;
}

function writeSize(body: JsonObject, dropped: string[]): JsonObject {
  return readSize(body, dropped) ?? {};
}

/** Stability's models know ratios, not sizes: a size counts by its ratio alone, which is noted where it is none of theirs. */
function aspectRatio(body: JsonObject, dropped: string[]): string | undefined {
  const size = readSize(body, dropped);
  if (size === undefined) return undefined;
  const ratio = ASPECT_RATIOS.find((name) => {
    const [wide = 1, high = 1] = name.split(':').map(Number);
    return size.width * high === size.height * wide;
  });
  if (ratio === undefined) dropped.push('size');
  return ratio;
}
