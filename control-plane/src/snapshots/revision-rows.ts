import type { ConfigVersion, ManifestSection } from '@bonito/protocol';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../db/transactions.ts';

/** An organization's current revision. */
export interface RevisionRow extends ConfigVersion {
  published_at: Date;
  sections: ManifestSection[];
}

/** Takes the organization's row for this transaction; made with revision 0 where there is none. Writers queue up here. */
export async function lockRevision(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<RevisionRow> {
  await sql`
    insert into org_revisions (org_id, epoch, revision, published_at, sections)
    values (${organizationId}, 1, 0, clock_timestamp(), '[]')
    on conflict do nothing
  `.execute(transaction);
  const { rows } = await sql<RevisionRow>`
    select epoch, revision, published_at, sections
    from org_revisions
    where org_id = ${organizationId}
    for update
  `.execute(transaction);
  const row = rows[0];
  if (!row) throw new Error('the organization has no revision row, although it was just made');
  return row;
}

/** Reads the current revision without a lock. */
export async function readRevision(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<RevisionRow | undefined> {
  const { rows } = await sql<RevisionRow>`
    select epoch, revision, published_at, sections from org_revisions where org_id = ${organizationId}
  `.execute(transaction);
  return rows[0];
}

/** Stores sections that some manifest lists. One that was superseded before counts as new. */
export async function storeSections(
  transaction: DatabaseTransaction,
  organizationId: string,
  stored: readonly { name: string; digest: string; bytes: Uint8Array }[],
): Promise<void> {
  for (const section of stored) {
    await sql`
      insert into config_sections (org_id, digest, name, bytes, created_at)
      values (${organizationId}, ${section.digest}, ${section.name}, ${section.bytes}, clock_timestamp())
      on conflict (org_id, digest) do update set superseded_at = null
    `.execute(transaction);
  }
}

/** Stores a revision with its new sections, and marks what it no longer lists. The row must be locked. */
export async function storeRevision(
  transaction: DatabaseTransaction,
  organizationId: string,
  version: ConfigVersion,
  sections: readonly ManifestSection[],
  compiled: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const fresh = sections.flatMap(({ name, digest }) => {
    const bytes = compiled.get(name);
    return bytes ? [{ name, digest, bytes }] : [];
  });
  await storeSections(transaction, organizationId, fresh);
  await sql`
    update config_sections
    set superseded_at = clock_timestamp()
    where org_id = ${organizationId}
      and superseded_at is null
      and not (digest = any(${sections.map(({ digest }) => digest)}::text[]))
  `.execute(transaction);
  await sql`
    update org_revisions
    set epoch = ${version.epoch},
        revision = ${version.revision},
        published_at = clock_timestamp(),
        sections = ${JSON.stringify(sections)}::text::jsonb
    where org_id = ${organizationId}
  `.execute(transaction);
}

/** The bytes of a section that a manifest listed within the last day; another organization's is not found. */
export async function readSection(
  transaction: DatabaseTransaction,
  organizationId: string,
  digest: string,
): Promise<{ name: string; bytes: Uint8Array } | undefined> {
  const { rows } = await sql<{ name: string; bytes: Uint8Array }>`
    select name, bytes from config_sections where org_id = ${organizationId} and digest = ${digest}
  `.execute(transaction);
  return rows[0];
}
