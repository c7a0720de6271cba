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

/** What version 1 said on the day that it was released. These files are never edited: an old agent still sends and reads them. */
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/version-1/${name}.json`, import.meta.url), 'utf8'));

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

  const schemas: Record<string, z.ZodType> = {
    ingest_request: ingestRequestSchema,
    ingest_answer: ingestAnswerSchema,
    heartbeat_request: heartbeatRequestSchema,
    heartbeat_answer: heartbeatAnswerSchema,
    lease_request: leaseRequestSchema,
    lease_answer: leaseAnswerSchema,
  };
  test.each(Object.entries(fixture('messages')))('message %s reads as it was written', (name, message) => {
    expect(schemas[name]?.parse(message)).toEqual(message);
  });
});
