import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, parseAgentToken, sha256, signManifest, verifyManifest } from '@bonito/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deriveAgentToken, deriveTokenSecret } from './derive-token-secret.ts';
import { keysFilePath, keysLocation, loadServerKeys } from './load-server-keys.ts';
import { rotateKeys } from './rotate-keys.ts';
import type { ServerKeys } from './server-keys.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const ORGANIZATION = '01970000-0000-7000-8000-000000000001';
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'signing-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const sign = (keys: ServerKeys) =>
  signManifest(
    {
      organization: ORGANIZATION,
      epoch: 1,
      revision: 1,
      protocol: 1,
      issued_at: '2026-11-21T08:00:00.000Z',
      sections: [],
    },
    keys.signing,
    keys.chain,
  );

describe('keys in the data folder', () => {
  test('are made once, with mode 0600, and found again', async () => {
    const first = await loadServerKeys({ dataDir }, NOW);
    const second = await loadServerKeys({ dataDir }, NOW + 1);
    expect(second.rootFingerprint).toBe(first.rootFingerprint);
    expect(Buffer.from(second.tokenKey)).toEqual(Buffer.from(first.tokenKey));
    expect((await stat(keysFilePath(dataDir))).mode & 0o777).toBe(0o600);
  });

  test('two processes that start at once agree on one root', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => loadServerKeys({ dataDir }, NOW)));
    expect(new Set(made.map((keys) => keys.rootFingerprint)).size).toBe(1);
  });

  test('a damaged file is refused and kept, and its content is not repeated', async () => {
    await writeFile(keysFilePath(dataDir), '{"root":"private-words"}');
    const refusal = loadServerKeys({ dataDir }, NOW);
    await expect(refusal).rejects.toMatchObject({ code: 'signing_keys_malformed' });
    await expect(refusal).rejects.not.toThrow(/private-words/);
    expect(await readFile(keysFilePath(dataDir), 'utf8')).toBe('{"root":"private-words"}');
  });
});

describe('keys in the environment', () => {
  test('the document itself, or a file that it names', async () => {
    const made = await loadServerKeys({ dataDir }, NOW);
    const json = await readFile(keysFilePath(dataDir), 'utf8');
    const other = join(dataDir, 'elsewhere');
    const fromText = await loadServerKeys(keysLocation({ BONITO_SIGNING_KEYS: json }, other));
    const fromFile = await loadServerKeys(
      keysLocation({ BONITO_SIGNING_KEYS_FILE: keysFilePath(dataDir) }, other),
    );
    expect([fromText.rootFingerprint, fromFile.rootFingerprint]).toEqual([
      made.rootFingerprint,
      made.rootFingerprint,
    ]);
  });

  test('a named file that is missing is an error, not a reason to make new keys', async () => {
    const location = keysLocation({ BONITO_SIGNING_KEYS_FILE: join(dataDir, 'absent') }, dataDir);
    await expect(loadServerKeys(location)).rejects.toMatchObject({ code: 'signing_keys_unreadable' });
  });
});

describe('rotation of the signing key', () => {
  test('an agent that pins the root follows the successor and then refuses the predecessor', async () => {
    const before = await loadServerKeys({ dataDir }, NOW);
    expect(await rotateKeys({}, dataDir, NOW)).toEqual({ generation: 2 });
    const after = await loadServerKeys({ dataDir }, NOW);
    const expected = {
      organization: ORGANIZATION,
      rootFingerprint: before.rootFingerprint,
      protocol: 1,
      signingGeneration: 1,
    };
    const followed = await verifyManifest(await sign(after), expected);
    expect(followed.signingGeneration).toBe(2);
    await expect(
      verifyManifest(await sign(before), { ...expected, signingGeneration: followed.signingGeneration }),
    ).rejects.toMatchObject({ code: 'signing_key_untrusted' });
  });

  test('keys in the environment come back as a new document', async () => {
    const before = await loadServerKeys({ dataDir }, NOW);
    const json = await readFile(keysFilePath(dataDir), 'utf8');
    const { document } = await rotateKeys({ BONITO_SIGNING_KEYS: json }, dataDir, NOW);
    const after = await loadServerKeys({ dataDir, json: document });
    expect(after).toMatchObject({ generation: 2, rootFingerprint: before.rootFingerprint });
    expect(await readFile(keysFilePath(dataDir), 'utf8')).toBe(json);
  });

  test('without keys there is nothing to rotate', async () => {
    await expect(rotateKeys({}, dataDir, NOW)).rejects.toMatchObject({ code: 'signing_keys_unreadable' });
  });
});

describe('derived tokens', () => {
  test('are the same every time, differ by token, generation and key, and carry the organization', async () => {
    const keys = await loadServerKeys({ dataDir }, NOW);
    const [one, two] = [newId(NOW), newId(NOW)];
    const token = deriveAgentToken(keys, ORGANIZATION, one, 2);
    expect(deriveAgentToken(keys, ORGANIZATION, one, 2)).toBe(token);
    expect(parseAgentToken(token)).toEqual({
      organization: ORGANIZATION,
      rootFingerprint: keys.rootFingerprint,
    });
    const others = [
      deriveTokenSecret(keys.tokenKey, one, 3),
      deriveTokenSecret(keys.tokenKey, two, 2),
      deriveTokenSecret(new Uint8Array(32), one, 2),
    ].map((secret) => sha256(secret));
    expect(new Set([sha256(deriveTokenSecret(keys.tokenKey, one, 2)), ...others]).size).toBe(4);
  });
});
