import {
  deploymentSchema,
  keyEntrySchema,
  ProtocolError,
  providerSchema,
  routeSchema,
} from '@bonito/protocol';
import { z } from 'zod';
import { recognizeKeyEntry } from './compile-key-entry.ts';
import type { Pause } from './compile-pause.ts';

/** The sections that are one list: the list's name in them, its form, and how long it may be (as in their schemas). */
const LISTS = {
  providers: { element: providerSchema, most: 1_000 },
  deployments: { element: deploymentSchema, most: 10_000 },
  routes: { element: routeSchema, most: 10_000 },
  keys: { element: keyEntrySchema, most: 20_000 },
} as const;

export type ListSection = keyof typeof LISTS;
export type SectionEntry<Kind extends ListSection> = z.infer<(typeof LISTS)[Kind]['element']>;

/** Entries that are checked between two questions whether to pause. */
const ENTRIES_PER_PIECE = 16;

/**
 * Parses a section as `parseSection` of the protocol does, with the same verdict, but entry by entry and with pauses, so
 * that a large one does not hold the event loop. Each entry is given to `take` and then forgotten.
 *
 * @throws ProtocolError `section_malformed`, with the path of what is wrong and never its value
 */
export async function readSectionEntries<Kind extends ListSection>(
  kind: Kind,
  name: string,
  bytes: Uint8Array,
  pause: Pause,
  take: (entry: SectionEntry<Kind>, index: number) => void,
): Promise<void> {
  const entries = readList(kind, name, bytes);
  const element = LISTS[kind].element;
  for (let index = 0; index < entries.length; index++) {
    if (index % ENTRIES_PER_PIECE === 0) {
      const turn = pause();
      if (turn) await turn;
    }
    const value = entries[index];
    const recognized = kind === 'keys' ? recognizeKeyEntry(value) : undefined;
    if (recognized) {
      take(recognized as SectionEntry<Kind>, index);
      continue;
    }
    const parsed = element.safeParse(value);
    if (!parsed.success) throw malformed(name, [kind, index], parsed.error.issues[0]);
    take(parsed.data as SectionEntry<Kind>, index);
  }
}

function readList(kind: ListSection, name: string, bytes: Uint8Array): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProtocolError('section_malformed', `section ${name} is not JSON in UTF-8`, { section: name });
  }
  const shape = z.object({ [kind]: z.array(z.unknown()).max(LISTS[kind].most) }).safeParse(value);
  if (!shape.success) throw malformed(name, [], shape.error.issues[0]);
  return (value as Record<string, unknown[]>)[kind] ?? [];
}

function malformed(name: string, before: PropertyKey[], issue: z.core.$ZodIssue | undefined): ProtocolError {
  const path = z.core.toDotPath([...before, ...(issue?.path ?? [])]);
  return new ProtocolError(
    'section_malformed',
    `section ${name} is malformed at ${path || 'its root'}: ${issue?.code ?? 'invalid'}`,
    { section: name, path },
  );
}
