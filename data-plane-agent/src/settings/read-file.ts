import { readFileSync } from 'node:fs';
import { SETTING_LIST, SETTING_SECTIONS } from './setting-table.ts';
import { SettingsError } from './settings-error.ts';
import { suggestName } from './suggest-name.ts';

/** The settings that a configuration file holds, and what else stands there. */
export interface SettingsFile {
  /** By the place in the file, `limits.body`. */
  values: ReadonlyMap<string, unknown>;
  /** Whether it has sections of a standalone configuration besides settings. */
  standalone: boolean;
  problems: string[];
}

const PLACES = SETTING_LIST.flatMap(([, { file }]) => (file ? [file] : []));
/** Sections that are an address and hold further settings besides. */
const ADDRESS_KEYS: Record<string, readonly string[]> = { listen: ['host', 'port'], admin: ['host', 'port'] };

/**
 * Reads the settings of a YAML file. What is not a setting is left to the reader of standalone configurations.
 *
 * @throws SettingsError when the file cannot be read or is not YAML
 */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new SettingsError([`The configuration file ${path} cannot be read (${code}).`]);
  }
  const { parseDocument } = await import('./parse-yaml.ts');
  const document = parseDocument(source, { prettyErrors: true });
  const [mistake] = document.errors;
  if (mistake) {
    // The parser's sentence may quote the file, and with it a secret.
    const line = mistake.linePos?.[0].line ?? 1;
    throw new SettingsError([`${path}, line ${line}: not YAML (${mistake.code}).`]);
  }
  const root: unknown = document.toJS();
  if (root === null) return { values: new Map(), standalone: false, problems: [] };
  if (!isMapping(root))
    throw new SettingsError([`${path}, line 1: must hold sections, such as "listen:" and "providers:".`]);
  return collect(path, root);
}

function collect(path: string, root: Record<string, unknown>): SettingsFile {
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  const walk = (place: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    const below = PLACES.filter((known) => known.startsWith(`${place}.`));
    if (!isMapping(value) || (below.length === 0 && PLACES.includes(place))) {
      if (PLACES.includes(place)) values.set(place, value);
      else problems.push(`${path}: ${place} must be a section with ${listKeys(place, below)}.`);
      return;
    }
    const own = ADDRESS_KEYS[place] ?? [];
    if (own.some((key) => key in value)) {
      values.set(
        place,
        Object.fromEntries(own.filter((key) => key in value).map((key) => [key, value[key]])),
      );
    }
    for (const key of Object.keys(value)) {
      if (own.includes(key)) continue;
      const inner = `${place}.${key}`;
      if (PLACES.some((known) => known === inner || known.startsWith(`${inner}.`))) walk(inner, value[key]);
      else problems.push(`${path}: ${inner} is not a setting; ${suggestion(place, key, below)}.`);
    }
  };
  for (const section of SETTING_SECTIONS) walk(section, root[section]);
  return { values, problems, standalone: Object.keys(root).some((key) => !SETTING_SECTIONS.has(key)) };
}

function suggestion(place: string, key: string, below: readonly string[]): string {
  const near = suggestName(`${place}.${key}`, below);
  return near ? `did you mean ${near}` : `${place} takes ${listKeys(place, below)}`;
}

function listKeys(place: string, below: readonly string[]): string {
  const keys = below.map((known) => known.slice(place.length + 1).split('.', 1)[0] ?? known);
  return [...new Set([...(ADDRESS_KEYS[place] ?? []), ...keys])].join(', ');
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
