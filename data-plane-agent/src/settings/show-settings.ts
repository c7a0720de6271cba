import type { SettingsReading } from './read-settings.ts';
import { SETTING_LIST, type Setting, type Settings } from './setting-table.ts';
import { formatListenAddress } from './value-schemas.ts';

/** `--print-config`: each setting with its value and where it came from, as YAML that nothing secret stands in. */
export function printSettings(reading: SettingsReading): string {
  const lines = SETTING_LIST.map(([name, setting]) => {
    const origin = reading.origins.get(name) ?? 'not set';
    return `${setting.environment[0]}: ${showValue(setting, reading.settings[name])} # ${origin}`;
  });
  return `${lines.join('\n')}\n`;
}

/** A setting's value as it may be shown: secrets hidden. */
export function showValue(setting: Setting, value: Settings[keyof Settings]): string {
  if (value === undefined) return 'null';
  if (setting.secret === 'whole') return '"***"';
  if (setting.secret === 'userinfo') return JSON.stringify(hideUserinfo(String(value)));
  if (typeof value === 'object' && 'port' in value) {
    return JSON.stringify(formatListenAddress({ host: value.host, port: value.port }));
  }
  // Milliseconds and bytes are shown as the program uses them.
  return JSON.stringify(value);
}

/** An address with user and password replaced. */
export function hideUserinfo(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1***@');
}

/** `--help`. */
export function formatHelp(): string {
  const settings = SETTING_LIST.map(([, setting]) => {
    const flag = setting.flag ? `--${setting.flag} VALUE` : '(no flag)';
    const shown = setting.default ? ` [${setting.default}]` : '';
    return `  ${flag}\n      ${setting.environment.join(' or ')}${shown}\n      ${setting.does}`;
  });
  return [
    'The Bonito agent: a gateway for model providers that runs in your network.',
    '',
    'With a control plane:  BONITO_CONTROL_PLANE=https://... BONITO_ORG_TOKEN=bt-... bonito-agent',
    'Standalone:            bonito-agent --config bonito.yaml',
    '',
    'Flags come before environment variables, these before the file, the file before [defaults].',
    '',
    ...settings,
    '',
    '  --print-config      shows every setting and where it came from, secrets hidden, and ends',
    '  --version           shows the version and ends',
    '  --help, -h          shows this and ends',
    '',
  ].join('\n');
}

/** The page `docs/agent-settings.md`. */
export function formatSettingsPage(): string {
  const cell = (value: string | undefined) => (value ? `\`${value}\`` : '');
  const rows = SETTING_LIST.map(([, setting]) =>
    [
      setting.environment.map(cell).join(', '),
      cell(setting.flag && `--${setting.flag}`),
      cell(setting.file),
      cell(setting.default),
      setting.does,
    ].join(' | '),
  );
  return `# Settings of the agent

A flag comes before an environment variable, this before the configuration file (\`--config FILE\`, YAML), the file before
the default. An empty variable counts as not set. \`--print-config\` shows what holds and where it came from, with secrets
hidden. A mistake is one sentence on standard error and exit code 2; a misspelt \`BONITO_\` variable is a mistake.

Sizes are written \`32MB\` (powers of 1024), times \`15s\`, \`250ms\`, \`2m\`; a bare number is bytes or seconds.
Places in the file are written with dots: \`limits.body\` is \`body\` in the section \`limits\`.

| Environment | Flag | File | Default | What it does |
| --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}

This page is made from the table of settings; \`npx vitest run data-plane-agent/src/settings -u\` writes it again.
`;
}
