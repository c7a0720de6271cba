import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type BonitoFile, bonitoFileSchema } from './file-schema.ts';
import {
  ConfigurationFileError,
  type Located,
  type Mistake,
  mistakeAt,
  mistakeAtName,
} from './locate-mistake.ts';

/** Mistakes that are told at once. */
export const MOST_MISTAKES = 20;
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** Enough for shared lists, too few for a file that grows without bounds when its aliases are resolved. */
const MOST_ALIASES = 100;

/** A file that is right in itself; references in it are not checked yet. */
export interface ReadFile {
  content: BonitoFile;
  located: Located;
}

/**
 * Reads the text of a configuration file. Top-level fields that are settings of the process are left to their owner.
 *
 * @param file its name, for messages
 * @param processSettings names of those top-level fields
 * @throws ConfigurationFileError with all mistakes, up to `MOST_MISTAKES`
 */
export function readBonitoFile(text: string, file: string, processSettings: readonly string[]): ReadFile {
  const lines = new LineCounter();
  if (text.length > MOST_CHARACTERS) throw whole(file, 'is larger than 32 MB');
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const located = { document, lines };
  if (document.errors.length > 0) {
    const mistakes = document.errors.slice(0, MOST_MISTAKES).map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      // The parser's own sentence may quote the file, and with it a secret.
      return {
        path: '',
        line: Math.max(1, line),
        column: Math.max(1, col),
        message: syntaxMessage(error.code),
      };
    });
    throw new ConfigurationFileError(file, mistakes);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw whole(file, 'uses an alias that is not defined, or too many of them');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw whole(file, 'must hold providers, models, routes and keys');
  const own = Object.fromEntries(Object.entries(value).filter(([name]) => !processSettings.includes(name)));
  const parsed = bonitoFileSchema.safeParse(own);
  if (parsed.success) return { content: parsed.data, located };
  const mistakes = parsed.error.issues.flatMap((issue) => describe(located, own, issue));
  throw new ConfigurationFileError(file, mistakes.slice(0, MOST_MISTAKES));
}

function describe(located: Located, value: unknown, issue: z.core.$ZodIssue): Mistake[] {
  const { path } = issue;
  const unknown = 'is not a field that is known here';
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => mistakeAtName(located, path, key, unknown));
  if (issue.code === 'invalid_key')
    return [mistakeAtName(located, path.slice(0, -1), String(path.at(-1)), unknown)];
  return [mistakeAt(located, path, isWritten(value, path) ? sentence(issue) : 'is missing')];
}

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'invalid_union':
      if (issue.discriminator) return 'is not a value that is known here';
      return issue.message === 'Invalid input' ? 'has none of the forms that it may have' : issue.message;
    case 'too_big':
      return `must be at most ${issue.maximum}${isNumber(issue.origin) ? '' : ' long'}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${isNumber(issue.origin) ? '' : ' long'}`;
    default:
      return issue.message;
  }
}

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}

function isWritten(value: unknown, path: readonly PropertyKey[]): boolean {
  let inner = value;
  for (const step of path) inner = (inner as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return inner !== undefined && inner !== null;
}

const TYPE_NAMES: Record<string, string> = {
  string: 'text (in quotes if it looks like a number)',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

const SYNTAX: Record<string, string> = {
  DUPLICATE_KEY: 'this field stands here twice',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  BAD_INDENT: 'the indentation does not fit the lines around it',
};

function syntaxMessage(code: string): string {
  return SYNTAX[code] ?? `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`;
}

function whole(file: string, message: string): ConfigurationFileError {
  return new ConfigurationFileError(file, [{ path: '', line: 1, column: 1, message }]);
}
