import { describe, expect, it } from 'vitest';
import { anthropicCitationForConverse, converseCitationForAnthropic } from './cited-places.ts';

const document = { document_index: 1, document_title: 'Report', file_id: null, cited_text: 'so it is' };
const converse = { title: 'Report', sourceContent: [{ text: 'so ' }, { text: 'it is' }] };
const at = { documentIndex: 1, start: 2, end: 3 };

describe('a place in what the client sent', () => {
  it.each([
    [{ documentChar: at }, { type: 'char_location', ...document, start_char_index: 2, end_char_index: 3 }],
    [{ documentPage: at }, { type: 'page_location', ...document, start_page_number: 2, end_page_number: 3 }],
    [
      { documentChunk: at },
      { type: 'content_block_location', ...document, start_block_index: 2, end_block_index: 3 },
    ],
  ])('of a document is said both ways: %j', (location, anthropic) => {
    expect(converseCitationForAnthropic({ ...converse, location })).toEqual(anthropic);
    expect(anthropicCitationForConverse(anthropic)).toEqual({
      title: 'Report',
      sourceContent: [{ text: 'so it is' }],
      location,
    });
  });

  it('of a search result is said both ways', () => {
    const said = {
      title: 'A',
      source: 'https://a.test',
      sourceContent: [{ text: 'x' }],
      location: { searchResultLocation: { searchResultIndex: 0, start: 0, end: 1 } },
    };
    const anthropic = {
      type: 'search_result_location',
      cited_text: 'x',
      search_result_index: 0,
      source: 'https://a.test',
      title: 'A',
      start_block_index: 0,
      end_block_index: 1,
    };
    expect(converseCitationForAnthropic(said)).toEqual(anthropic);
    expect(anthropicCitationForConverse(anthropic)).toEqual(said);
  });

  it.each([
    undefined,
    {},
    { location: { web: { url: 'https://a.test' } } },
    { location: { documentPage: 1 } },
  ])('is not in %j', (citation) => {
    expect(converseCitationForAnthropic(citation)).toBeUndefined();
  });

  it.each([undefined, {}, { type: 'web_search_result_location', url: 'https://a.test' }])(
    'is not in %j of Anthropic',
    (citation) => {
      expect(anthropicCitationForConverse(citation)).toBeUndefined();
    },
  );
});
