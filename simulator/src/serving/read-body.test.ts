import { request } from 'node:http';
import { expect, it } from 'vitest';
import { useSimulator } from '../test-simulator.ts';

const { simulator, post } = useSimulator();
const megabyte = 1024 * 1024;

it('takes a body of 40 MB and refuses one of 65 MB', async () => {
  const ask = (megabytes: number) => {
    const messages = [{ role: 'user', content: 'x'.repeat(megabytes * megabyte) }];
    return post('/v1/chat/completions', { model: 'm', messages });
  };
  expect((await ask(40)).status).toBe(200);
  expect((await ask(65)).status).toBe(413);
});

it('does not count a request whose body never ends', async () => {
  const url = `${simulator().url}/v1/chat/completions`;
  const unfinished = request(url, {
    method: 'POST',
    headers: { 'content-length': '100', expect: '100-continue' },
  });
  unfinished.on('error', () => undefined);
  await new Promise((resolve) => unfinished.once('continue', resolve).flushHeaders());
  unfinished.destroy();
  await (await post('/v1/chat/completions', { model: 'm', messages: [{}] })).text();
  expect(simulator().attempts()).toMatchObject({ total: 1, completed: 1 });
});
