import { expect, it } from 'vitest';
import { countMedia, readMediaUsage } from './read-media-usage.ts';

it.each([
  ['Whisper’s seconds, begun ones whole', { type: 'duration', seconds: 8.2 }, { audio_seconds: 9 }],
  ['no sound at all', { type: 'duration', seconds: 0 }, {}],
  ['no seconds', { type: 'duration' }, undefined],
  ['seconds that are none', { type: 'duration', seconds: -1 }, undefined],
  ['more than a day', { type: 'duration', seconds: 1e9 }, undefined],
  [
    'Mistral’s seconds, which it bills and not the tokens beside them',
    { prompt_audio_seconds: 203, prompt_tokens: 4, completion_tokens: 635, total_tokens: 3_264 },
    { audio_seconds: 203 },
  ],
  ['tokens', { input_tokens: 3, output_tokens: 2, total_tokens: 5 }, { input: 3, output: 2 }],
])('reads %s', (_name, usage, counts) => expect(readMediaUsage(usage, 'text')).toEqual(counts));

it.each([
  ['pictures', { data: [{}, {}] }, 'image', { images: 2 }],
  ['no pictures', { data: [] }, 'image', undefined],
  ['a transcript in detail', { text: 'hello', duration: 3.5 }, 'text', { audio_seconds: 4 }],
  ['a plain transcript', { text: 'hello' }, 'text', undefined],
] as const)('counts %s', (_name, answer, output, counts) => {
  expect(countMedia(answer, output)).toEqual(counts);
});
