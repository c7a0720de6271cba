import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  checkDigest,
  heartbeatAnswerSchema,
  heartbeatRequestSchema,
  ingestAnswerSchema,
  ingestRequestSchema,
  leaseAnswerSchema,
  leaseRequestSchema,
  manifestSchema,
  parseAgentToken,
  parseSection,
  recordSchema,
  sectionKind,
  verifyManifest,
} from './index.ts';

/** What each version said on the day that it was released. These files are never edited: an old agent still sends and reads them. */
const fixture = (name: string, version = 1) =>
  JSON.parse(readFileSync(new URL(`../fixtures/version-${version}/${name}.json`, import.meta.url), 'utf8'));

const messageSchemas: Record<string, z.ZodType> = {
  ingest_request: ingestRequestSchema,
  ingest_answer: ingestAnswerSchema,
  heartbeat_request: heartbeatRequestSchema,
  heartbeat_answer: heartbeatAnswerSchema,
  lease_request: leaseRequestSchema,
  lease_answer: leaseAnswerSchema,
};

describe('golden fixtures of protocol 1', () => {
  const manifest = fixture('manifest');
  const sections: Record<string, unknown> = fixture('sections');

  test.each(['EdDSA', 'ES256'])(
    'a manifest signed with %s is believed from the token alone',
    async (algorithm) => {
      const { token, jws } = manifest[algorithm];
      const pinned = parseAgentToken(token);
      expect(pinned).toBeDefined();
      const verified = await verifyManifest(jws, {
        organization: pinned?.organization ?? '',
        rootFingerprint: pinned?.rootFingerprint ?? '',
        protocol: 1,
      });
      expect(verified).toEqual({ manifest: manifest.manifest, signingGeneration: 3 });
    },
  );

  test('every section matches its digest and reads as it was written', () => {
    for (const entry of manifestSchema.parse(manifest.manifest).sections) {
      const bytes = Buffer.from(JSON.stringify(sections[entry.name]));
      checkDigest(entry, bytes);
      const kind = sectionKind(entry.name);
      if (!kind) throw new Error(`no schema for ${entry.name}`);
      expect(parseSection(kind, entry.name, bytes)).toEqual(sections[entry.name]);
    }
  });

  test('every record reads as it was written', () => {
    for (const record of fixture('records')) expect(recordSchema.parse(record)).toEqual(record);
  });

  test.each(Object.entries(fixture('messages')))('message %s reads as it was written', (name, message) => {
    expect(messageSchemas[name]?.parse(message)).toEqual(message);
  });
});

describe('golden fixtures of protocol 2: what it added', () => {
  test.each(Object.entries<unknown>(fixture('sections', 2)))(
    'section %s reads as it was written',
    (name, value) => {
      const kind = sectionKind(name);
      if (!kind) throw new Error(`no schema for ${name}`);
      expect(parseSection(kind, name, Buffer.from(JSON.stringify(value)))).toEqual(value);
    },
  );

  test('every record reads as it was written', () => {
    for (const record of fixture('records', 2)) expect(recordSchema.parse(record)).toEqual(record);
  });

  test.each(Object.entries(fixture('messages', 2)))('message %s reads as it was written', (name, message) => {
    expect(messageSchemas[name]?.parse(message)).toEqual(message);
  });
});
