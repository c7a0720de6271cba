import { parseArgs } from 'node:util';
import { SETTING_LIST } from './setting-table.ts';
import { suggestName } from './suggest-name.ts';

/** What the command line said. */
export interface Flags {
  /** By flag name without dashes. */
  values: ReadonlyMap<string, string>;
  /** What to do instead of serving. */
  action: 'serve' | 'help' | 'version' | 'print-config';
  problems: string[];
}

const ACTIONS = ['help', 'version', 'print-config'] as const;
const SHORT: Record<string, (typeof ACTIONS)[number]> = { h: 'help' };

/** Reads the arguments after the program's name. Never throws; what it does not understand is a problem. */
export function readFlags(args: readonly string[]): Flags {
  const settings = SETTING_LIST.flatMap(([, { flag }]) => (flag ? [flag] : []));
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(settings.map((flag) => [flag, { type: 'string' as const }])),
      ...Object.fromEntries(ACTIONS.map((flag) => [flag, { type: 'boolean' as const }])),
    },
  });
  const flags: Flags = { values: new Map(), action: 'serve', problems: [] };
  const values = new Map<string, string>();
  let afterUnknown = false;
  for (const token of tokens) {
    const belongsToUnknown = afterUnknown;
    afterUnknown = false;
    if (token.kind === 'positional') {
      // The value of a flag that was reported already.
      if (belongsToUnknown) continue;
      flags.problems.push(
        `${JSON.stringify(token.value)} is not a flag; every setting is given as --name VALUE.`,
      );
    } else if (token.kind === 'option') {
      const action = ACTIONS.find((name) => name === (SHORT[token.name] ?? token.name));
      if (action) flags.action = action;
      else if (!settings.includes(token.name)) {
        flags.problems.push(unknownFlag(token.rawName, settings));
        afterUnknown = token.value === undefined;
      } else if (!token.value) flags.problems.push(`--${token.name} needs a value.`);
      else values.set(token.name, token.value);
    }
  }
  return { ...flags, values };
}

function unknownFlag(given: string, settings: readonly string[]): string {
  const near = suggestName(given.replace(/^-+/, ''), [...settings, ...ACTIONS]);
  return `${given} is not a flag of the agent${near ? `; did you mean --${near}?` : '; --help lists them.'}`;
}
