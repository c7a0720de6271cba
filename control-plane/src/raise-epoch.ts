import { parseArgs } from 'node:util';
import { openDatabase } from './db/open-database.ts';
import { databaseOptions, readSettings, type Settings, SettingsError } from './settings.ts';
import { raiseEpoch } from './snapshots/raise-epoch.ts';
import { explainStartupFailure } from './startup-error.ts';

/** `node control-plane/src/raise-epoch.ts [--at-least N]`: after a restore; see docs/runbooks/restore.md. */
let settings: Settings | undefined;
try {
  const { values } = parseArgs({ options: { 'at-least': { type: 'string' } } });
  const text = values['at-least'] ?? '1';
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new SettingsError('--at-least', 'is a whole number from 1 on');
  settings = readSettings(process.env);
  const open = await openDatabase(databaseOptions(settings));
  try {
    const { epoch, organizations } = await raiseEpoch(open.database, { atLeast: Number(text) });
    console.log(`epoch ${epoch} now holds for ${organizations} organizations`);
  } finally {
    await open.close();
  }
} catch (error) {
  const { sentence, exitCode } = explainStartupFailure(error, settings);
  console.error(sentence);
  process.exitCode = exitCode;
}
