import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

async function generate(root: string, body: object) {
  const answer = await fetch(`${simulator.url}${root}/models/gemini-2.5-sim:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': simulator.credentials.apiKey },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

const VERTEX = '/v1/projects/p/locations/global/publishers/google';
const call = (more: object) => ({
  contents: [
    { role: 'user', parts: [{ text: 'x' }] },
    { role: 'model', parts: [{ functionCall: { name: 'f', args: {}, ...more } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response: {}, ...more } }] },
  ],
});
const tool = (schema: object) => ({
  contents: [{ role: 'user', parts: [{ text: 'x' }] }],
  tools: [
    { functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: { a: schema } } }] },
  ],
});
const anyOf = [{ type: 'STRING' }, { type: 'INTEGER' }];

describe('Vertex AI is stricter than the Gemini API', () => {
  it.each([
    ['ids of calls', call({ id: 'a' }), 'Unknown name \\"id\\" at \'contents[1].parts[0].function_call\''],
    [
      'members beside anyOf',
      tool({ anyOf, description: 'd' }),
      '`parameters.a` schema specified other fields',
    ],
  ])('with %s', async (_name, body, message) => {
    const refused = await generate(VERTEX, body);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(message);
    expect((await generate('/v1beta', body)).status).toBe(200);
  });

  it('and takes what keeps to its rules', async () => {
    expect((await generate(VERTEX, call({}))).status).toBe(200);
    expect((await generate(VERTEX, tool({ anyOf }))).status).toBe(200);
  });
});
