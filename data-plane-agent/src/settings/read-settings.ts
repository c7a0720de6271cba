import { checkTogether } from './check-together.ts';
import { readSettingsFile, type SettingsFile } from './read-file.ts';
import { type Flags, readFlags } from './read-flags.ts';
import { SETTING_LIST, type Setting, type SettingName, type Settings } from './setting-table.ts';
import { SettingsError } from './settings-error.ts';
import { suggestName } from './suggest-name.ts';

/** Settings together with where each came from. */
export interface SettingsReading {
  settings: Settings;
  /** `--flag`, the variable's name, the file with the place in it, or `default`; absent for one that is not set. */
  origins: ReadonlyMap<SettingName, string>;
  action: Flags['action'];
  /** Sentences for the log: what was given and means nothing. */
  warnings: string[];
}

/**
 * Reads all settings: flags before environment before file before default. An empty variable counts as not set, since
 * that is how compose files and charts say "none".
 *
 * @throws SettingsError with every mistake that was found, not only the first
 */
export async function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SettingsReading> {
  const flags = readFlags(args);
  const problems = [...flags.problems];
  const path = flags.values.get('config') ?? environment.BONITO_CONFIG;
  const file: SettingsFile =
    path && flags.action !== 'help' && flags.action !== 'version'
      ? await readSettingsFile(path)
      : { values: new Map(), standalone: false, problems: [] };
  problems.push(...file.problems);

  const values: Partial<Record<SettingName, unknown>> = {};
  const origins = new Map<SettingName, string>();
  for (const [name, setting] of SETTING_LIST) {
    const given = find(setting, flags, environment, file, path);
    if (!given) continue;
    const parsed = setting.schema.safeParse(given.value);
    if (parsed.success) {
      values[name] = parsed.data;
      origins.set(name, given.origin);
    } else {
      problems.push(mistake(setting, given, parsed.error.issues[0]?.message));
    }
  }
  const warnings = checkVariables(environment, problems);
  const settings = values as Settings;
  if (problems.length === 0 && flags.action !== 'help' && flags.action !== 'version') {
    problems.push(...checkTogether(settings, file.standalone));
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return { settings, origins, action: flags.action, warnings };
}

interface Given {
  value: unknown;
  origin: string;
}

function find(
  setting: Setting,
  flags: Flags,
  environment: Readonly<Record<string, string | undefined>>,
  file: SettingsFile,
  path: string | undefined,
): Given | undefined {
  const flag = setting.flag && flags.values.get(setting.flag);
  if (flag) return { value: flag, origin: `--${setting.flag}` };
  for (const name of setting.environment) {
    if (environment[name]) return { value: environment[name], origin: name };
  }
  if (setting.file && file.values.has(setting.file)) {
    return { value: file.values.get(setting.file), origin: `${setting.file} in ${path}` };
  }
  return setting.default === undefined ? undefined : { value: setting.default, origin: 'default' };
}

function mistake(setting: Setting, given: Given, expected: string | undefined): string {
  const shown = setting.secret ? '' : `, not ${JSON.stringify(given.value)}`;
  return `${given.origin} must be ${expected ?? 'something else'}${shown}.`;
}

/** Kubernetes puts such variables into every container of a namespace that has a service named like ours. */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)(_|$)|_PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?$/;

/** One that is nearly a known name is a problem, since a limit that was meant would not hold; any other is a warning. */
function checkVariables(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string[] {
  const known = new Set(SETTING_LIST.flatMap(([, setting]) => setting.environment as readonly string[]));
  const warnings: string[] = [];
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('BONITO_') || known.has(name) || SERVICE_LINK.test(name)) continue;
    if (name.startsWith('BONITO_CREDENTIAL_')) continue;
    const near = suggestName(name, known);
    if (near) problems.push(`The environment variable ${name} is not a setting; did you mean ${near}?`);
    else warnings.push(`The environment variable ${name} is not a setting of the agent and does nothing.`);
  }
  return warnings;
}
