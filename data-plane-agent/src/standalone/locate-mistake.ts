import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import { z } from 'zod';

/** Something in the file that is wrong. */
export interface Mistake {
  /** `providers[0].base_url`; empty for the file as a whole. */
  path: string;
  /** Both from 1. */
  line: number;
  column: number;
  message: string;
}

/** The configuration file is wrong. Its message has a line for each mistake; no value from the file stands in it. */
export class ConfigurationFileError extends Error {
  override readonly name = 'ConfigurationFileError';
  readonly code = 'configuration_file_invalid';
  readonly file: string;
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[]) {
    const lines = mistakes.map(({ path, line, column, message }) =>
      [`${file}, line ${line}, column ${column}:`, path && `${path}:`, message].filter(Boolean).join(' '),
    );
    super(lines.join('\n'));
    this.file = file;
    this.mistakes = mistakes;
  }
}

/** A parsed file in which places can be found. */
export interface Located {
  document: Document;
  lines: LineCounter;
}

/** Finds a place in the file: the value at the path, or the nearest thing around it that is written there. */
export function mistakeAt(file: Located, path: readonly PropertyKey[], message: string): Mistake {
  let node: unknown = file.document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(file.document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === String(step));
      if (!pair) break;
      offset = startOf(pair.value) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  const { line, col } = file.lines.linePos(offset);
  return { path: z.core.toDotPath([...path]), line: Math.max(1, line), column: Math.max(1, col), message };
}

/** Where the name of a field is written, rather than its value. */
export function mistakeAtName(
  file: Located,
  path: readonly PropertyKey[],
  name: string,
  message: string,
): Mistake {
  const mistake = mistakeAt(file, [...path, name], message);
  const around = path.length === 0 ? file.document.contents : file.document.getIn(path, true);
  const map = isAlias(around) ? around.resolve(file.document) : around;
  const pair = isMap(map)
    ? map.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    : undefined;
  const offset = startOf(pair?.key);
  if (offset === undefined) return mistake;
  const { line, col } = file.lines.linePos(offset);
  return { ...mistake, line, column: col };
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
