import { describe, expect, it } from 'vitest';
import { openBodyState } from './open-body-state.ts';
import { StateSeal } from './state-seal.ts';

const seal = new StateSeal(Buffer.alloc(16, 1));
const OWNER = { deploymentId: 'dep_1', keyId: 'key_1' };
const OTHER = { deploymentId: 'dep_2', keyId: 'key_1' };

describe('state in a body of the Responses API that is passed on', () => {
  it.each(['', 's:', 'e:', 's=rs_1:'])('is opened for its issuer, left out for others: marked %j', (mark) => {
    const item = { type: 'reasoning', summary: [], encrypted_content: mark + seal.seal('state', OWNER) };
    const body = { input: [{ role: 'user', content: 's: bo1. is text' }, item] };
    const opened = { ...item, encrypted_content: 'state' };
    expect(openBodyState(body, seal, OWNER)).toEqual({
      body: { input: [body.input[0], opened] },
      changed: true,
      shed: [],
    });
    expect(openBodyState(body, seal, OTHER)).toEqual({
      body: { input: [body.input[0]] },
      changed: true,
      shed: ['input[1]'],
    });
  });
});

describe('state in the id of a call', () => {
  const id = seal.sealIntoId('call_1', 'thoughts', OWNER);
  const body = {
    messages: [
      { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: id, content: 'done' },
    ],
  };

  it('is named once where another issuer gets the call without it; the call keeps its id', () => {
    const opened = openBodyState(body, seal, OTHER);
    expect(JSON.stringify(opened.body)).toBe(JSON.stringify(body).replaceAll(id, 'call_1'));
    expect(opened).toMatchObject({ changed: true, shed: ['messages[0].tool_calls[0].id'] });
  });

  it('is not named where nobody but its issuer gets it, nor what only looks like it', () => {
    expect(openBodyState(body, seal, OWNER).shed).toEqual([]);
    const text = { content: `about ${id.slice(0, -1)}_` };
    expect(openBodyState(text, seal, OTHER)).toEqual({ body: text, changed: false, shed: [] });
  });
});

it('leaves out no more than the member where state stands outside of any list', () => {
  const foreign = seal.seal('state', OWNER);
  const body = { model: 'm', input: 'hi', metadata: { kept: 'yes', odd: foreign }, alone: foreign };
  expect(openBodyState(body, seal, OTHER)).toEqual({
    body: { model: 'm', input: 'hi', metadata: { kept: 'yes' } },
    changed: true,
    shed: ['metadata.odd', 'alone'],
  });
});
