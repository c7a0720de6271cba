import type { Behaviour } from './behaviour.ts';

/** One fault as it was asked for. */
export interface Fault {
  /** The whole text, `;times=` and `;id=` included. A limited fault is counted under it. */
  text: string;
  behaviour: Behaviour;
  /** How many attempts it applies to; absent means all. */
  times?: number;
}

/** A fault list that the grammar does not know. `fault` is the part at fault. */
export class UnknownFaultError extends Error {
  readonly code = 'unknown_fault';
  readonly fault: string;

  constructor(fault: string) {
    super(`The simulator knows no fault "${fault}". simulator/README.md lists them.`);
    this.name = 'UnknownFaultError';
    this.fault = fault;
  }
}

const wordsOfLongAnswer = 500;

type Reader = (first: number, second: number) => Behaviour;

/** The grammar: `<n>` stands for one decimal number. README.md says what each one does. */
const faultForms: ReadonlyArray<readonly [form: string, read: Reader, limits: readonly number[]]> = [
  ['plain', () => ({}), []],
  ['status-<n>', (status) => ({ status }), [599]],
  [
    'status-<n>-retry-after-<n>',
    (status, retryAfterSeconds) => ({ status, retryAfterSeconds }),
    [599, 86_400],
  ],
  ['html-<n>', (status) => ({ status, htmlError: true }), [599]],
  ['drop', () => ({ drop: true }), []],
  ['slow-first-byte-<n>', (firstByteMilliseconds) => ({ firstByteMilliseconds }), [600_000]],
  ['slow-first-event-<n>', (firstEventMilliseconds) => ({ firstEventMilliseconds }), [600_000]],
  ['slow-chunks-<n>', (chunkMilliseconds) => ({ chunkMilliseconds }), [600_000]],
  ['cut-after-<n>', (cutAfter) => ({ cutAfter }), [1_000_000]],
  ['stall-after-<n>', (stallAfter) => ({ stallAfter }), [1_000_000]],
  ['error-after-<n>', (errorAfter) => ({ errorAfter }), [1_000_000]],
  [
    'error-after-<n>-status-<n>',
    (errorAfter, errorStatus) => ({ errorAfter, errorStatus }),
    [1_000_000, 599],
  ],
  ['bad-checksum-<n>', (badChecksum) => ({ badChecksum }), [1_000_000]],
  ['malformed-chunk-<n>', (malformedChunk) => ({ malformedChunk }), [1_000_000]],
  ['no-done', () => ({ noDone: true }), []],
  ['refuse-stream-options', () => ({ refuseStreamOptions: true }), []],
  ['huge-<n>', (hugeBytes) => ({ hugeBytes }), [64 * 1024 * 1024]],
  ['words-<n>', (words) => ({ words }), [100_000]],
  ['echo', () => ({ echo: true }), []],
  ['tool-call', () => ({ toolCall: true }), []],
  ['tool', () => ({ toolOnce: true }), []],
  ['parallel', () => ({ parallel: true }), []],
  ['preface', () => ({ preface: true }), []],
  ['think', () => ({ think: true }), []],
  ['redacted', () => ({ think: true, redacted: true }), []],
  ['image-seen', () => ({ imageSeen: true }), []],
  ['refuse', () => ({ refuse: true }), []],
  ['filter', () => ({ filter: true }), []],
  ['filter-prompt', () => ({ filterPrompt: true }), []],
  ['long', () => ({ words: wordsOfLongAnswer }), []],
  ['window-<n>', (window) => ({ window }), [1e12]],
  ['cached', () => ({ cacheAll: true }), []],
  ['no-usage', () => ({ noUsage: true }), []],
  ['usage-<n>-<n>', (input, output) => ({ usage: { input, output } }), [1e12, 1e12]],
  ['cached-<n>', (cachedTokens) => ({ cachedTokens }), [1e12]],
  ['reasoning-<n>', (reasoningTokens) => ({ reasoningTokens }), [1e12]],
];

const compiledForms = faultForms.map(([form, read, limits]) => ({
  pattern: new RegExp(`^${form.replaceAll('<n>', '(\\d{1,13})')}$`),
  read,
  limits,
}));

/**
 * Reads `fault *( "," fault )`, each `name[-number…][;times=N][;id=WORD]`.
 * Throws `UnknownFaultError` for anything else, an empty list included.
 */
export function parseFaults(list: string): Fault[] {
  return list.split(',').map((text) => parseFault(text.trim()));
}

function parseFault(text: string): Fault {
  const [name = '', ...options] = text.split(';');
  const fault: Fault = { text, behaviour: parseName(name, text) };
  for (const option of options) {
    const times = /^times=(\d{1,7})$/.exec(option)?.[1];
    if (times !== undefined) fault.times = Number(times);
    else if (!/^id=[\w.-]{1,64}$/.test(option)) throw new UnknownFaultError(text);
  }
  return fault;
}

function parseName(name: string, text: string): Behaviour {
  for (const { pattern, read, limits } of compiledForms) {
    const match = pattern.exec(name);
    if (!match) continue;
    const numbers = match.slice(1).map(Number);
    const behaviour = read(numbers[0] ?? 0, numbers[1] ?? 0);
    const isStatusUnderAnError = behaviour.status !== undefined && behaviour.status < 400;
    if (isStatusUnderAnError || numbers.some((number, index) => number > (limits[index] ?? 0))) break;
    return behaviour;
  }
  throw new UnknownFaultError(text);
}
