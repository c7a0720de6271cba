import { z } from 'zod';
import { ProtocolError } from '../../protocol-error.ts';
import { type DeploymentsSection, deploymentsSectionSchema } from './deployments.ts';
import { type KeysSection, keysSectionSchema } from './keys.ts';
import { type ProvidersSection, providersSectionSchema } from './providers.ts';
import { type RoutesSection, routesSectionSchema } from './routes.ts';
import { type SettingsSection, settingsSectionSchema } from './settings.ts';

/** The schema of each section, by the part of its name before the slash. */
export const SECTION_SCHEMAS = {
  settings: settingsSectionSchema,
  providers: providersSectionSchema,
  deployments: deploymentsSectionSchema,
  routes: routesSectionSchema,
  keys: keysSectionSchema,
} as const;

export type SectionKind = keyof typeof SECTION_SCHEMAS;

/** Everything that an organization's snapshot holds, parsed. Key shards stay apart, so that one can be replaced alone. */
export interface SnapshotSections {
  settings: SettingsSection;
  providers: ProvidersSection;
  deployments: DeploymentsSection;
  routes: RoutesSection;
  /** By section name. */
  keys: ReadonlyMap<string, KeysSection>;
}

/** Which kind of section a name stands for; undefined for one that a newer control plane added. */
export function sectionKind(name: string): SectionKind | undefined {
  const kind = name.split('/', 1)[0] ?? '';
  return Object.hasOwn(SECTION_SCHEMAS, kind) ? (kind as SectionKind) : undefined;
}

/**
 * Parses a section's bytes. A malformed section is refused whole; the error says where, never what stood there.
 *
 * @throws ProtocolError `section_malformed`
 */
export function parseSection<Kind extends SectionKind>(
  kind: Kind,
  name: string,
  bytes: Uint8Array,
): z.infer<(typeof SECTION_SCHEMAS)[Kind]> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProtocolError('section_malformed', `section ${name} is not JSON in UTF-8`, { section: name });
  }
  const parsed = SECTION_SCHEMAS[kind].safeParse(value);
  if (parsed.success) return parsed.data as z.infer<(typeof SECTION_SCHEMAS)[Kind]>;
  const issue = parsed.error.issues[0];
  const path = z.core.toDotPath(issue?.path ?? []);
  throw new ProtocolError(
    'section_malformed',
    `section ${name} is malformed at ${path || 'its root'}: ${issue?.code ?? 'invalid'}`,
    {
      section: name,
      path,
    },
  );
}
