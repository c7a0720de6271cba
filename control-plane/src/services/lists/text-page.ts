import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import { type Page, pageQuerySchema } from './page.ts';

/** The query of a list whose order is that of a text: a model's name. */
export const textPageQuerySchema = pageQuerySchema.extend({
  cursor: z.string().max(2_000).optional().meta({ description: 'The `next_cursor` of the page before' }),
});

/** A page of items that are at hand whole, in the order of a text that each has of its own. */
export function textPage<Item>(
  items: readonly Item[],
  query: { limit: number; cursor?: string | undefined },
  textOf: (item: Item) => string,
): Page<Item> {
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const sorted = [...items].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => textOf(item) > after);
  const data = rest.slice(0, query.limit);
  const last = data.at(-1);
  return { data, next_cursor: rest.length > query.limit && last ? formatCursor(textOf(last)) : null };
}

function formatCursor(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function parseCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (formatCursor(text) === cursor) return text;
  throw new ServiceError('invalid_request', 'the cursor is not one that a list answered with', [
    { path: 'cursor', message: 'not a cursor' },
  ]);
}
