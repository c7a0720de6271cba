import { type ManifestSection, ProtocolError, sectionKind } from '@bonito/protocol';

/** A manifest's sections, sorted out. */
export interface SectionList {
  settings: ManifestSection;
  providers: ManifestSection;
  deployments: ManifestSection;
  routes: ManifestSection;
  /** In the order of the hash prefixes that they hold. */
  keys: readonly ManifestSection[];
}

const SHARD_NAME = /^keys\/(0|[1-9][0-9]{0,3})-of-([1-9][0-9]{0,3})$/;
const MAX_SHARDS = 4_096;

/** The sections that this version reads; those that a newer control plane added are left alone. */
export function knownSections(sections: readonly ManifestSection[]): ManifestSection[] {
  return sections.filter((section) => sectionKind(section.name) !== undefined);
}

/**
 * Checks that everything a snapshot needs is listed, each once, and that the key shards are a whole.
 *
 * @throws ProtocolError `section_missing` or `section_inconsistent`
 */
export function sortSections(sections: readonly ManifestSection[]): SectionList {
  const known = knownSections(sections);
  const shards = known.filter((section) => sectionKind(section.name) === 'keys');
  const single = (name: string): ManifestSection => {
    const found = known.filter((section) => sectionKind(section.name) === name);
    const [section] = found;
    if (!section)
      throw new ProtocolError('section_missing', `the manifest lists no ${name}`, { section: name });
    if (found.length > 1 || section.name !== name)
      throw new ProtocolError('section_inconsistent', `the manifest splits ${name}`, { section: name });
    return section;
  };
  return {
    settings: single('settings'),
    providers: single('providers'),
    deployments: single('deployments'),
    routes: single('routes'),
    keys: sortShards(shards),
  };
}

function sortShards(sections: readonly ManifestSection[]): ManifestSection[] {
  if (sections.length === 0)
    throw new ProtocolError('section_missing', 'the manifest lists no keys', { section: 'keys' });
  const sorted: ManifestSection[] = [];
  for (const section of sections) {
    const match = SHARD_NAME.exec(section.name);
    const shard = Number(match?.[1]);
    const shards = Number(match?.[2]);
    const powerOfTwo = Number.isInteger(Math.log2(shards)) && shards <= MAX_SHARDS;
    if (!match || shard >= shards || !powerOfTwo || shards !== sections.length || sorted[shard]) {
      throw new ProtocolError('section_inconsistent', `the key shards are not a whole at ${section.name}`, {
        section: section.name,
      });
    }
    sorted[shard] = section;
  }
  return sorted;
}
