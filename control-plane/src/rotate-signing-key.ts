import { readSettings, type Settings } from './settings.ts';
import { rotateKeys } from './signing/rotate-keys.ts';
import { explainStartupFailure } from './startup-error.ts';

/** `node control-plane/src/rotate-signing-key.ts`: gives the signing key a successor; see docs/runbooks/signing-keys.md. */
let settings: Settings | undefined;
try {
  settings = readSettings(process.env);
  const { generation, document } = await rotateKeys(process.env, settings.dataDirectory, Date.now());
  // With the keys in the environment, the new document is all that goes to standard output: it is a secret to be piped on.
  if (document) process.stdout.write(`${document}\n`);
  console.error(`the signing key is of generation ${generation}: restart every control plane`);
} catch (error) {
  const { sentence, exitCode } = explainStartupFailure(error, settings);
  console.error(sentence);
  process.exitCode = exitCode;
}
