import {
  type ConfigVersion,
  type Deployment,
  type KeyEntry,
  keysSectionName,
  type ManifestSection,
  type Provider,
  type Restriction,
  type Route,
  sha256,
  shardOf,
} from '@bonito/protocol';
import type { CompileRequest } from './compile-snapshot.ts';

/** An organization for tests, before it is split into sections. */
export interface TestOrganization {
  settings: Restriction[];
  providers: Provider[];
  deployments: Deployment[];
  routes: Route[];
  keys: KeyEntry[];
  shards: number;
}

/** A UUID that says which thing of a test it is. */
export function testId(kind: number, index: number): string {
  return `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** One provider, two deployments, a route over both, one free key and one that is bound to the route. */
export function testOrganization(changes: Partial<TestOrganization> = {}): TestOrganization {
  const price = { revision: 'p1', per_million: { input: 150_000_000, output: 600_000_000 } };
  const deployment = (index: number, name: string): Deployment => ({
    id: testId(2, index),
    name,
    provider_id: testId(1, 0),
    upstream_model: `upstream-${name}`,
    family: 'gpt',
    price,
    restrictions: [],
  });
  return {
    settings: [],
    providers: [
      {
        id: testId(1, 0),
        name: 'one',
        kind: 'openai-compatible',
        base_url: 'https://one.example/v1/',
        credential: { from: 'environment', name: 'ONE_KEY' },
        restrictions: [],
      },
    ],
    deployments: [deployment(0, 'small'), deployment(1, 'large')],
    routes: [
      {
        id: testId(3, 0),
        name: 'best',
        strategy: { type: 'failover' },
        targets: [{ deployment_id: testId(2, 1) }, { deployment_id: testId(2, 0) }],
        restrictions: [],
      },
    ],
    keys: [
      { sha256: sha256('bn-free'), key_id: testId(4, 0), team_id: testId(5, 0), restrictions: [] },
      { sha256: sha256('rt-bound'), key_id: testId(4, 1), route_id: testId(3, 0), restrictions: [] },
    ],
    shards: 1,
    ...changes,
  };
}

/** A section with its bytes. */
export interface TestSection extends ManifestSection {
  content: Buffer;
}

/** Makes a section of any value. */
export function testSection(name: string, value: unknown): TestSection {
  const content = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return { name, digest: sha256(content), bytes: content.length, content };
}

/** Splits an organization into sections as the control plane does. */
export function testSections(organization: TestOrganization): TestSection[] {
  const { settings, providers, deployments, routes, keys, shards } = organization;
  const split = Array.from({ length: shards }, (): KeyEntry[] => []);
  for (const key of keys) split[shardOf(key.sha256, shards)]?.push(key);
  return [
    testSection('settings', { restrictions: settings }),
    testSection('providers', { providers }),
    testSection('deployments', { deployments }),
    testSection('routes', { routes }),
    ...split.map((entries, shard) => testSection(keysSectionName(shard, shards), { keys: entries })),
  ];
}

/** A request to compile these sections; counts which ones were read. */
export function testRequest(
  sections: readonly TestSection[],
  changes: Partial<CompileRequest> = {},
): CompileRequest & { readonly reads: string[] } {
  const version: ConfigVersion = { epoch: 1, revision: 1 };
  const reads: string[] = [];
  return {
    organization: testId(9, 0),
    version,
    sections,
    read: async (wanted) => {
      reads.push(wanted.name);
      return sections.find((section) => section.digest === wanted.digest)?.content ?? Buffer.alloc(0);
    },
    pause: () => undefined,
    reads,
    ...changes,
  };
}
