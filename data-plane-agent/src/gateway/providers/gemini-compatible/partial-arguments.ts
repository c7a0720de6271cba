import { isObject, type JsonObject } from '../../chat/wire.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';

/** One step of a path: `.name`, `['name']`, `["name"]` or `[0]`. */
const STEP = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

type Branch = Record<string, unknown> | unknown[];

/**
 * Puts a call's arguments together where they come value by value, each with its place as a JSON path, and long texts in
 * pieces (`streamFunctionCallArguments` of Vertex AI).
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export class PartialArguments {
  private readonly root: Branch = Object.create(null) as Record<string, unknown>;
  /** The path of the text that goes on. */
  private open: string | undefined;

  /** @throws MalformedAnswerError */
  add(value: unknown): void {
    if (!isObject(value) || typeof value.jsonPath !== 'string') throw new MalformedAnswerError('partialArgs');
    const { jsonPath } = value;
    const goesOn = this.open === jsonPath;
    this.open = typeof value.stringValue === 'string' && value.willContinue === true ? jsonPath : undefined;
    const steps = stepsOf(jsonPath);
    const last = steps.pop();
    if (last === undefined) throw new MalformedAnswerError('partialArgs.jsonPath');
    let branch = this.root;
    steps.forEach((step, at) => {
      const next = read(branch, step);
      if (isBranch(next)) branch = next;
      else branch = write(branch, step, emptyFor(steps[at + 1] ?? last)) as Branch;
    });
    const before = goesOn ? read(branch, last) : undefined;
    const { stringValue } = value;
    if (typeof stringValue === 'string') {
      write(branch, last, typeof before === 'string' ? before + stringValue : stringValue);
    } else write(branch, last, scalarOf(value));
  }

  /** JSON text of all that came. */
  text(): string {
    return JSON.stringify(this.root);
  }
}

function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  STEP.lastIndex = path.startsWith('$') ? 1 : 0;
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path);
    if (!found) throw new MalformedAnswerError('partialArgs.jsonPath');
    const [, name, index, single, double] = found;
    const quoted = (single ?? double)?.replace(/\\(.)/g, '$1');
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return steps;
}

function scalarOf({ numberValue, boolValue }: JsonObject): unknown {
  if (typeof numberValue === 'number') return numberValue;
  return typeof boolValue === 'boolean' ? boolValue : null;
}

function emptyFor(step: string | number): Branch {
  return typeof step === 'number' ? [] : (Object.create(null) as Record<string, unknown>);
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null;
}

function read(branch: Branch, step: string | number): unknown {
  return Array.isArray(branch) ? branch[Number(step)] : branch[step];
}

function write(branch: Branch, step: string | number, value: unknown): unknown {
  if (!Array.isArray(branch)) branch[step] = value;
  // Elements come in their order; a far one would make a list of holes.
  else if (typeof step === 'number' && step <= branch.length) branch[step] = value;
  else throw new MalformedAnswerError('partialArgs.jsonPath');
  return value;
}
