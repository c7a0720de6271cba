import { isAscii } from 'node:buffer';
import { idSchema, ProtocolError, shardOf } from '@bonito/protocol';
import { type AccessPool, parseKeyAccess, shareKeyAccess } from './compile-key-access.ts';
import type { Pause } from './compile-pause.ts';
import { readSectionEntries } from './compile-section-entries.ts';
import { type KeyTable, KeyTableBuilder } from './key-table.ts';
import { ID_LENGTH, type ScannedEntry, SHA256_DIGITS, scanKeyEntry } from './scan-key-entry.ts';

/** Which part of the keys a section holds. */
export interface ShardPlace {
  readonly name: string;
  readonly shard: number;
  readonly shards: number;
}

/** The most keys that a section may hold, as in its schema. */
const MOST_KEYS = 20_000;
/** Entries between two questions whether to pause. */
const ENTRIES_PER_PIECE = 64;
/** Bytes of an entry with nothing but what it must have, and its comma. */
const SHORTEST_ENTRY = '{"sha256":"","key_id":"","restrictions":[]},'.length + SHA256_DIGITS + ID_LENGTH;
const BEGIN = '{"keys":[';
const COMMA = 0x2c;

/**
 * Compiles one key shard, without a look at any other section, so that it outlives their changes.
 *
 * @throws ProtocolError `section_malformed`, or `section_inconsistent` for a hash twice or one of another shard
 */
export async function compileKeyShard(
  place: ShardPlace,
  bytes: Uint8Array,
  pool: AccessPool,
  pause: Pause,
): Promise<KeyTable> {
  return (await scanKeys(place, bytes, pool, pause)) ?? (await parseKeys(place, bytes, pool, pause));
}

/** Compiles a section in the form that the control plane writes; undefined for any other, and for a bad one. */
export async function scanKeys(
  place: ShardPlace,
  bytes: Uint8Array,
  pool: AccessPool,
  pause: Pause,
): Promise<KeyTable | undefined> {
  if (!isAscii(bytes)) return undefined;
  const section = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (section.toString('latin1', 0, BEGIN.length) !== BEGIN) return undefined;
  const builder = new KeyTableBuilder(Math.min(Math.ceil(bytes.length / SHORTEST_ENTRY), MOST_KEYS));
  const entry: ScannedEntry = {
    hashAt: 0,
    keyIdAt: 0,
    teamIdAt: 0,
    routeIdAt: 0,
    restrictionsAt: 0,
    restrictionsEnd: 0,
  };
  const ids = new Set<string>();
  let at = BEGIN.length;
  for (let count = 0; at < section.length; count++) {
    if (count % ENTRIES_PER_PIECE === 0) {
      const turn = pause();
      if (turn) await turn;
    }
    at = scanKeyEntry(section, at, entry);
    if (at < 0 || count >= MOST_KEYS || !enter(builder, section, entry, ids, pool)) return undefined;
    if (Math.floor((builder.lastPrefix() / 0x1_0000_0000) * place.shards) !== place.shard) return undefined;
    if (section[at] !== COMMA) break;
    at += 1;
  }
  return section.toString('latin1', at) === ']}' ? builder.build() : undefined;
}

function enter(
  builder: KeyTableBuilder,
  section: Buffer,
  entry: ScannedEntry,
  ids: Set<string>,
  pool: AccessPool,
): boolean {
  const teamId = entry.teamIdAt
    ? section.toString('latin1', entry.teamIdAt, entry.teamIdAt + ID_LENGTH)
    : undefined;
  const routeId = entry.routeIdAt
    ? section.toString('latin1', entry.routeIdAt, entry.routeIdAt + ID_LENGTH)
    : undefined;
  if (!isId(teamId, ids) || !isId(routeId, ids)) return false;
  const access = parseKeyAccess(
    pool,
    section.toString('latin1', entry.restrictionsAt, entry.restrictionsEnd),
  );
  return (
    access !== undefined &&
    builder.add({ bytes: section, hashAt: entry.hashAt, keyIdAt: entry.keyIdAt, teamId, routeId, access })
  );
}

/** @param known ids that were found good; most keys share a few teams and routes */
function isId(text: string | undefined, known: Set<string>): boolean {
  if (text === undefined || known.has(text)) return true;
  if (!idSchema.safeParse(text).success) return false;
  known.add(text);
  return true;
}

/** Compiles a section in any form that its schema allows, and says what is wrong with one that it does not. */
export async function parseKeys(
  place: ShardPlace,
  bytes: Uint8Array,
  pool: AccessPool,
  pause: Pause,
): Promise<KeyTable> {
  const builder = new KeyTableBuilder();
  const hashes = new Set<string>();
  await readSectionEntries('keys', place.name, bytes, pause, (entry, index) => {
    if (shardOf(entry.sha256, place.shards) !== place.shard)
      throw inconsistent(place.name, index, 'stands in another shard than its hash says');
    if (hashes.has(entry.sha256)) throw inconsistent(place.name, index, 'stands there twice');
    hashes.add(entry.sha256);
    builder.add({
      bytes: Buffer.from(entry.sha256 + entry.key_id, 'latin1'),
      hashAt: 0,
      keyIdAt: SHA256_DIGITS,
      teamId: entry.team_id,
      routeId: entry.route_id,
      access: shareKeyAccess(pool, entry.restrictions),
    });
  });
  const table = builder.build();
  if (!table) throw inconsistent(place.name, 0, 'stands there twice');
  return table;
}

function inconsistent(section: string, index: number, what: string): ProtocolError {
  const path = `keys[${index}].sha256`;
  return new ProtocolError('section_inconsistent', `${path} of section ${section} ${what}`, {
    section,
    path,
  });
}
