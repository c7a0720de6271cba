import {
  type Deployment,
  formatTimestamp,
  type KeyEntry,
  keysSectionName,
  type ManifestSection,
  type Provider,
  type Restriction,
  type Route,
  sha256,
  shardCount,
  shardOf,
} from '@bonito/protocol';
import type { BonitoFile } from './file-schema.ts';
import { ConfigurationFileError, type Mistake, mistakeAt } from './locate-mistake.ts';
import { namedId } from './named-id.ts';
import { MOST_MISTAKES, type ReadFile } from './read-bonito-file.ts';

/** What a file may point to. */
export interface FileSurroundings {
  /** A variable of the process; undefined when it is not set. */
  environment(name: string): string | undefined;
  /** Text of a file that was named in the configuration; undefined when it cannot be read. */
  textOf(path: string): string | undefined;
}

/** The same sections that a control plane would send, with their bytes. */
export interface BuiltSections {
  sections: ManifestSection[];
  bytes: ReadonlyMap<string, Uint8Array>;
  /** Things that work and should not stay so. */
  warnings: string[];
}

/**
 * Resolves names into ids and builds sections.
 *
 * @param file its name, for messages
 * @throws ConfigurationFileError for names that are not there or there twice, and for files and variables that are missing
 */
export function buildSections(read: ReadFile, file: string, outside: FileSurroundings): BuiltSections {
  const { content, located } = read;
  const mistakes: Mistake[] = [];
  const wrong = (path: PropertyKey[], message: string) => mistakes.push(mistakeAt(located, path, message));
  const warnings: string[] = [];

  checkNames(content, wrong);
  const providers = content.providers.map((entry, index): Provider => {
    const { ca_file, ...provider } = entry;
    const ca = ca_file === undefined ? undefined : outside.textOf(ca_file);
    if (ca_file !== undefined && !ca?.includes('-----BEGIN CERTIFICATE-----'))
      wrong(
        ['providers', index, 'ca_file'],
        'names a file that cannot be read or holds no certificate in PEM',
      );
    return { ...provider, id: namedId('provider', entry.name), ...(ca && { ca }), restrictions: [] };
  });
  const deployments = content.models.map(buildDeployment);
  const routes = content.routes.map(
    (entry): Route => ({
      id: namedId('route', entry.name),
      name: entry.name,
      strategy: { type: 'failover' },
      targets: entry.targets.map((target) => ({ deployment_id: namedId('model', target) })),
      ...(entry.strict !== undefined && { strict: entry.strict }),
      ...(entry.foreign_state !== undefined && { foreign_state: entry.foreign_state }),
      restrictions: [],
    }),
  );
  const keys = content.keys.flatMap((entry, index): KeyEntry[] => {
    const secret =
      entry.secret ?? (entry.secret_environment && outside.environment(entry.secret_environment));
    if (entry.secret !== undefined)
      warnings.push(`keys[${index}].secret stands in ${file} in plain text; put its SHA-256 there instead`);
    const hash = entry.sha256 ?? (secret ? sha256(secret) : undefined);
    if (hash) return [buildKey(entry, hash)];
    wrong(['keys', index, 'secret_environment'], 'names a variable that is not set');
    return [];
  });
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (seen.has(key.sha256)) wrong(['keys', index], 'has the same secret as another key');
    seen.add(key.sha256);
  }
  if (mistakes.length > 0) throw new ConfigurationFileError(file, mistakes.slice(0, MOST_MISTAKES));
  return { ...serialize({ providers, deployments, routes, keys }), warnings };
}

function checkNames(content: BonitoFile, wrong: (path: PropertyKey[], message: string) => void): void {
  const unique = (list: keyof BonitoFile, taken = new Set<string>()) => {
    for (const [index, { name }] of content[list].entries()) {
      if (taken.has(name)) wrong([list, index, 'name'], 'is taken already');
      taken.add(name);
    }
    return taken;
  };
  const providers = unique('providers');
  const models = new Set(unique('models'));
  const askable = unique('routes', new Set(models));
  unique('keys');
  const routes = new Set(content.routes.map((route) => route.name));
  for (const [index, model] of content.models.entries()) {
    if (!providers.has(model.provider))
      wrong(['models', index, 'provider'], 'names no provider of this file');
  }
  for (const [index, route] of content.routes.entries()) {
    for (const [position, target] of route.targets.entries())
      if (!models.has(target)) wrong(['routes', index, 'targets', position], 'names no model of this file');
  }
  for (const [index, key] of content.keys.entries()) {
    if (key.route !== undefined && !routes.has(key.route))
      wrong(['keys', index, 'route'], 'names no route of this file');
    for (const [position, model] of (key.models ?? []).entries())
      if (!askable.has(model))
        wrong(['keys', index, 'models', position], 'names no model or route of this file');
  }
}

function buildDeployment(entry: BonitoFile['models'][number]): Deployment {
  const per_million = entry.price ?? {};
  return {
    id: namedId('model', entry.name),
    name: entry.name,
    provider_id: namedId('provider', entry.provider),
    upstream_model: entry.upstream_model ?? entry.name,
    family: entry.family ?? 'other',
    ...(entry.wire !== undefined && { wire: entry.wire }),
    ...(entry.capabilities && { capabilities: entry.capabilities }),
    ...(entry.processing_boundary !== undefined && { processing_boundary: entry.processing_boundary }),
    price: { revision: sha256(JSON.stringify(per_million)).slice(0, 16), per_million },
    restrictions: [],
  };
}

function buildKey(entry: BonitoFile['keys'][number], hash: string): KeyEntry {
  const restrictions: Restriction[] = [
    ...(entry.models ? [{ type: 'models' as const, allow: entry.models }] : []),
    ...(entry.expires === undefined
      ? []
      : [{ type: 'expires' as const, at: formatTimestamp(entry.expires) }]),
  ];
  return {
    sha256: hash,
    key_id: namedId('key', entry.name),
    ...(entry.route !== undefined && { route_id: namedId('route', entry.route) }),
    restrictions,
  };
}

function serialize(content: {
  providers: Provider[];
  deployments: Deployment[];
  routes: Route[];
  keys: KeyEntry[];
}): Omit<BuiltSections, 'warnings'> {
  const { providers, deployments, routes, keys } = content;
  const shards = Array.from({ length: shardCount(keys.length) }, (): KeyEntry[] => []);
  for (const key of keys) shards[shardOf(key.sha256, shards.length)]?.push(key);
  const values: [string, unknown][] = [
    ['settings', { restrictions: [] }],
    ['providers', { providers }],
    ['deployments', { deployments }],
    ['routes', { routes }],
    ...shards.map((entries, shard): [string, unknown] => [
      keysSectionName(shard, shards.length),
      { keys: entries },
    ]),
  ];
  const bytes = new Map<string, Uint8Array>();
  const sections = values.map(([name, value]): ManifestSection => {
    const text = Buffer.from(JSON.stringify(value));
    const digest = sha256(text);
    bytes.set(digest, text);
    return { name, digest, bytes: text.length };
  });
  return { sections, bytes };
}
