import { newId } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../service-error.ts';
import { readPageQuery, toPage } from './page.ts';

describe('pages', () => {
  it('show every row once, whatever the limit', () => {
    const count = fc.integer({ min: 0, max: 30 });
    const limits = fc.integer({ min: 1, max: 10 });
    fc.assert(
      fc.property(count, limits, (rows, limit) => {
        const all = Array.from({ length: rows }, (_, index) => ({ id: newId(index) }));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const { after, limit: asked } = readPageQuery({ limit, cursor });
          const found = all.filter((row) => !after || row.id > after).slice(0, asked);
          const page = toPage(found, { limit }, (row) => row.id);
          expect(page.data.length).toBeLessThanOrEqual(limit);
          seen.push(...page.data);
          cursor = page.next_cursor ?? undefined;
        } while (cursor);
        expect(seen).toEqual(all.map((row) => row.id));
      }),
    );
  });

  it('refuse every cursor that no page answered with', () => {
    const refuses = (cursor: string) =>
      expect(() => readPageQuery({ limit: 1, cursor }), cursor).toThrow(ServiceError);
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        fc.pre(!/^[A-Za-z0-9_-]{21}[AQgw]$/.test(text));
        refuses(text);
      }),
    );
    refuses('AAAAAAAAAAAAAAAAAAAAAB');
    refuses('AAAAAAAAAAAAAAAAAAAAAA==');
  });
});
