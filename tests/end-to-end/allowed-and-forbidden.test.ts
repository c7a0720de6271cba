import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mustSucceed } from '../processes/control-plane-client.ts';
import { type Planes, startPlanes } from '../processes/start-planes.ts';
import { waitUntil } from '../processes/wait-until.ts';

const rest = '"messages":[{"role":"user","content":"Hello"}]';

let planes: Planes;
let limitedKey: string;

beforeAll(async () => {
  planes = await startPlanes();
  await planes.addModel('allowed', 'sim/plain');
  await planes.addModel('forbidden', 'sim/words-3');
  const key = { name: 'limited', models: ['allowed'] };
  limitedKey = (await mustSucceed(planes.api)('POST', '/api/gateway/keys', key)).key;
  await waitUntil(
    'the agent knows key and model',
    async () => (await send(`{"model":"allowed",${rest}}`)).status === 200,
  );
});
afterAll(() => planes?.stop());

async function send(
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; type: string | undefined }> {
  const answer = await fetch(`${planes.agentUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${limitedKey}`, 'content-type': 'application/json' },
    body,
  });
  const parsed = (await answer.json()) as { error?: { type: string } };
  return { status: answer.status, type: parsed.error?.type };
}

describe('promise 10: the decision is about what is sent', () => {
  test.each([
    ['twice, the forbidden one last', `{"model":"allowed",${rest},"model":"forbidden"}`],
    ['twice, the forbidden one first', `{"model":"forbidden",${rest},"model":"allowed"}`],
    ['side by side', `{"model":"allowed","model":"forbidden",${rest}}`],
    ['an escape in the key', `{"model":"allowed","mode\\u006c":"forbidden",${rest}}`],
    ['an escape in the first key', `{"\\u006dodel":"forbidden","model":"allowed",${rest}}`],
    ['another case', `{"model":"allowed","Model":"forbidden",${rest}}`],
    ['upper case first', `{"MODEL":"forbidden","model":"allowed",${rest}}`],
    ['a byte order mark', `\uFEFF{"model":"allowed","model":"forbidden",${rest}}`],
    ['blanks around', `{ "model" : "allowed" , "model"\t:\n"forbidden", ${rest}}`],
    ['an escape in the value', `{"model":"allowed",${rest},"model":"\\u0066orbidden"}`],
    ['nested decoys', `{"metadata":{"model":"allowed"},"model":"forbidden",${rest}}`],
    ['forbidden alone', `{"model":"forbidden",${rest}}`],
    ['trailing second document', `{"model":"allowed",${rest}}{"model":"forbidden",${rest}}`],
    ['a NUL between', `{"model":"allowed\\u0000","model":"forbidden",${rest}}`],
  ])('%s: the provider never gets the forbidden model', async (_, body) => {
    const before = planes.simulator.listAttempts().length;
    const { status } = await send(body);
    const attempts = planes.simulator.listAttempts().slice(before);
    expect(attempts.every((attempt) => attempt.model === 'sim/plain')).toBe(true);
    if (status !== 200) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(attempts).toHaveLength(0);
    }
  });

  test('a body whose words are only in its text goes through', async () => {
    const body = JSON.stringify({
      model: 'allowed',
      messages: [{ role: 'user', content: '"model":"forbidden" \\u006dodel' }],
    });
    expect((await send(body)).status).toBe(200);
  });
});
