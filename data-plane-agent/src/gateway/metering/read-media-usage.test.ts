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
  ['zeros, which say that nobody counted', { type: 'tokens', input_tokens: 0, output_tokens: 0 }, undefined],
])('reads %s', (_name, usage, counts) => expect(readMediaUsage(usage, 'text')).toEqual(counts));

it.each([
  [
    'OpenAI’s, by kind',
    {
      total_tokens: 60,
      input_tokens: 10,
      output_tokens: 50,
      input_tokens_details: { text_tokens: 4, image_tokens: 6 },
      output_tokens_details: { text_tokens: 8, image_tokens: 42 },
    },
    { input: 4, image_input: 6, image_output: 42, output: 8 },
  ],
  [
    'Volcengine’s behind a proxy, with a total that its own parts do not make',
    {
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 159,
      completion_tokens_details: {},
      output_tokens: 159,
    },
    { image_output: 159 },
  ],
  [
    'Microsoft’s own models',
    { num_output_tokens: 576, num_input_text_tokens: 10, num_input_image_tokens: 7 },
    { input: 10, image_input: 7, image_output: 576 },
  ],
  ['zeros', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, undefined],
  ['a price alone', { cost_in_usd_ticks: 200_000_000 }, undefined],
])('reads tokens of pictures: %s', (_name, usage, counts) => {
  expect(readMediaUsage(usage, 'image')).toEqual(counts);
});

it.each([
  ['pictures', { data: [{}, {}] }, 'image', { images: 2 }],
  ['no pictures', { data: [] }, 'image', undefined],
  ['a transcript in detail', { text: 'hello', duration: 3.5 }, 'text', { audio_seconds: 4 }],
  ['a plain transcript', { text: 'hello' }, 'text', undefined],
] as const)('counts %s', (_name, answer, output, counts) => {
  expect(countMedia(answer, output)).toEqual(counts);
});
