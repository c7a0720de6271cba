import { openDatabase } from './db/open-database.ts';
import { databaseOptions, readSettings, type Settings } from './settings.ts';
import { explainStartupFailure } from './startup-error.ts';

/** `npm run migrate`: brings the database up to date and ends. */
let settings: Settings | undefined;
try {
  settings = readSettings(process.env);
  const open = await openDatabase(databaseOptions(settings));
  await open.close();
  const { migrated } = open;
  console.log(migrated.length > 0 ? `applied ${migrated.join(', ')}` : 'the database is up to date');
} catch (error) {
  const { sentence, exitCode } = explainStartupFailure(error, settings);
  console.error(sentence);
  process.exitCode = exitCode;
}
