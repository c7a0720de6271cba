import {
  type ConfigVersion,
  checkDigest,
  type Deployment,
  type ManifestSection,
  type Provider,
  parseSection,
  type Restriction,
  type Route,
  shardOf,
} from '@bonito/protocol';
import type { AccessPool } from './compile-key-access.ts';
import { compileKeyShard } from './compile-key-shard.ts';
import { type CompiledModels, compileModels } from './compile-models.ts';
import type { Pause } from './compile-pause.ts';
import { compileProviders } from './compile-providers.ts';
import { compileRestrictions } from './compile-restrictions.ts';
import { type ListSection, readSectionEntries, type SectionEntry } from './compile-section-entries.ts';
import { type SectionList, sortSections } from './compile-section-list.ts';
import { readAhead } from './read-ahead.ts';
import { type ResolvedKeys, resolveKeys } from './resolve-keys.ts';
import type { CompiledProvider, Snapshot } from './snapshot.ts';

/** What a snapshot is compiled from. */
export interface CompileRequest {
  organization: string;
  version: ConfigVersion;
  sections: readonly ManifestSection[];
  /** A section's bytes, from memory, disk or network. Asked once, and only for sections that changed. */
  read(section: ManifestSection): Promise<Uint8Array>;
  /** A section of keys is compiled: nothing looks at its bytes any more. */
  done?(bytes: Uint8Array): void;
  /** What was compiled before: its unchanged parts are used again. */
  previous?: CompiledConfiguration | undefined;
  pause: Pause;
  /** How many key sections are read while an earlier one is compiled. */
  ahead?: number;
}

/** A snapshot, and the parts that the next one may be made from. */
export interface CompiledConfiguration {
  readonly snapshot: Snapshot;
  readonly parts: Parts;
}

interface Parts {
  readonly list: SectionList;
  readonly settings: readonly Restriction[];
  readonly providers: ReadonlyMap<string, CompiledProvider>;
  readonly deployments: readonly Deployment[];
  readonly routes: readonly Route[];
  readonly models: CompiledModels;
  /** Key shards by `name digest`: a shard's place is part of what was checked. */
  readonly shards: ReadonlyMap<string, ReturnType<typeof resolveKeys>>;
  readonly pool: AccessPool;
}

const USUALLY_AHEAD = 4;

/**
 * Compiles an organization's sections into the form that requests are served from, in slices: between two of them the
 * event loop has its turn. Either the whole of it is good, or it throws and nothing has changed.
 *
 * @throws ProtocolError `section_missing`, `section_digest_mismatch`, `section_malformed`, `section_inconsistent`, or
 * what `read` throws
 */
export async function compileSnapshot(request: CompileRequest): Promise<CompiledConfiguration> {
  const { previous, pause } = request;
  const list = sortSections(request.sections);
  const before = previous?.parts;

  const settings =
    unchanged(before, list, 'settings')?.settings ??
    parseSection('settings', 'settings', await readChecked(request, list.settings)).restrictions;
  const providers =
    unchanged(before, list, 'providers')?.providers ??
    compileProviders(await readList<'providers', Provider>(request, list, 'providers'), before?.providers);
  const deployments =
    unchanged(before, list, 'deployments')?.deployments ??
    (await readList<'deployments', Deployment>(request, list, 'deployments'));
  const routes =
    unchanged(before, list, 'routes')?.routes ?? (await readList<'routes', Route>(request, list, 'routes'));

  const modelsChanged =
    settings !== before?.settings ||
    providers !== before.providers ||
    deployments !== before.deployments ||
    routes !== before.routes;
  const models = modelsChanged
    ? await compileModels({ settings, providers, deployments, routes }, pause)
    : before.models;
  const pool: AccessPool = before?.pool ?? new Map();
  const shards = await compileShards(request, list, models, pool);
  const parts: Parts = { list, settings, providers, deployments, routes, models, shards, pool };
  return { snapshot: assemble(request, parts), parts };
}

/** The parts before, when they were compiled from the same bytes of this section. */
function unchanged(
  before: Parts | undefined,
  list: SectionList,
  name: Exclude<keyof SectionList, 'keys'>,
): Parts | undefined {
  return before?.list[name].digest === list[name].digest ? before : undefined;
}

async function readChecked(request: CompileRequest, section: ManifestSection): Promise<Uint8Array> {
  const bytes = await request.read(section);
  checkDigest(section, bytes);
  await request.pause();
  return bytes;
}

async function readList<Kind extends Exclude<ListSection, 'keys'>, Entry extends SectionEntry<Kind>>(
  request: CompileRequest,
  list: SectionList,
  kind: Kind,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const bytes = await readChecked(request, list[kind]);
  await readSectionEntries(kind, kind, bytes, request.pause, (entry) => entries.push(entry as Entry));
  return entries;
}

async function compileShards(
  request: CompileRequest,
  list: SectionList,
  models: CompiledModels,
  pool: AccessPool,
): Promise<Parts['shards']> {
  const before = request.previous?.parts;
  const shards = new Map<string, ReturnType<typeof resolveKeys>>();
  const identityOf = (section: ManifestSection) => `${section.name} ${section.digest}`;
  const changed = list.keys.filter((section) => !before?.shards.has(identityOf(section)));
  const read = readAhead(changed, request.ahead ?? USUALLY_AHEAD, (section) => request.read(section));
  for (const [shard, section] of list.keys.entries()) {
    await request.pause();
    const identity = identityOf(section);
    const known = before?.shards.get(identity);
    if (known) {
      const same = before?.models === models;
      shards.set(identity, same ? known : resolveKeys(known.table, models.routesById, known));
      continue;
    }
    const bytes = await read.next();
    checkDigest(section, bytes);
    await request.pause();
    const place = { name: section.name, shard, shards: list.keys.length };
    const table = await compileKeyShard(place, bytes, pool, request.pause);
    request.done?.(bytes);
    shards.set(identity, resolveKeys(table, models.routesById));
  }
  return shards;
}

function assemble(request: CompileRequest, parts: Parts): Snapshot {
  const shards: ResolvedKeys[] = [...parts.shards.values()];
  const settings = compileRestrictions(parts.settings);
  return {
    organization: request.organization,
    version: { epoch: request.version.epoch, revision: request.version.revision },
    maxOfflineSeconds: settings.maxOfflineSeconds,
    denied: settings.unknown,
    models: parts.models.byName,
    providers: parts.providers,
    principal(sha256) {
      return shards[shardOf(sha256, shards.length)]?.principal(sha256);
    },
    secretCount: shards.reduce((total, { table }) => total + table.count, 0),
    remembered: new Map(),
  };
}
