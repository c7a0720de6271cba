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
