import { describe, expect, it } from 'vitest';
import { openPreviousResponse, sealResponseIds } from './response-ids.ts';
import { StateSeal } from './state-seal.ts';

const seal = new StateSeal(Buffer.alloc(32, 3));
const owner = { deploymentId: 'd1', keyId: 'k1' };

const response = (id: string) => ({
  created_at: 5,
  output: [{ id: 'msg_1', type: 'message', content: [{ type: 'output_text', text: '{"id":"resp_9"}' }] }],
  object: 'response',
  tools: [{ type: 'function', name: 'f', parameters: { properties: { response: { id: 'no' } } } }],
  id,
});

/** The id that goes with a response, and what its issuer is told when a request goes on from it. */
function idAndOrigin(text: string): [unknown, unknown] {
  const value = JSON.parse(text) as { id?: string; response?: { id: string } };
  const id = value.response ? value.response.id : value.id;
  return [id, openPreviousResponse({ previous_response_id: id }, seal, owner)];
}

describe('sealResponseIds', () => {
  // OpenAI's, vLLM's; xAI's, with its region or without; GitHub's.
  const ids = ['resp_0a', '0b824fe9-3250-2588-0bbf-08', '84c1a8ea-1f29_us-east-1', 'aB3/x+Yz=='];

  it.each(ids)('tags the id of a whole answer, whatever its form: %s', (id) => {
    for (const text of [JSON.stringify(response(id)), JSON.stringify(response(id), undefined, 2)]) {
      const sealed = sealResponseIds(Buffer.from(text), seal, owner).toString();
      const [own, origin] = idAndOrigin(sealed);
      expect(own).not.toBe(id);
      expect(origin).toEqual({ previous_response_id: id });
      // Nothing else changes.
      expect(JSON.parse(sealed)).toEqual({ ...response(id), id: own });
    }
  });

  it.each(ids)('tags it in each event of a stream that holds the response: %s', (id) => {
    const events = [
      { type: 'response.created', response: response(id) },
      { type: 'response.output_item.added', item: { id: 'rs_1', type: 'reasoning' } },
      { type: 'response.output_text.delta', item_id: 'msg_1', delta: '"response":{"id":"resp_9"}' },
      { type: 'response.completed', response: response(id) },
    ];
    const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    const sealed = sealResponseIds(
      Buffer.from(`: busy\n\n${stream}data: [DONE]\n\n`),
      seal,
      owner,
    ).toString();
    const data = sealed.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
    const [first, second, third, last] = data;
    for (const text of [first, last])
      expect(idAndOrigin(text ?? '')[1]).toEqual({ previous_response_id: id });
    expect([second, third]).toEqual([events[1], events[2]].map((event) => JSON.stringify(event)));
    expect(sealed.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('leaves alone what holds no response', () => {
    const whole = ['', '{', '{"id":5}', '{"id":""}', '{"id":"a', '{"id":"\\u0061"}', '[]'];
    const frames = [
      'data: {"response":5}',
      'data: {"response":',
      'data: {"response":{"id":"a',
      '"response":',
    ];
    for (const text of [...whole, ...frames.map((frame) => `${frame}\n\n`)]) {
      const bytes = Buffer.from(text);
      expect(sealResponseIds(bytes, seal, owner)).toBe(bytes);
    }
  });
});
