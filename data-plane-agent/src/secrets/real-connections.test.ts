import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChooseProxy } from '../outbound/choose-proxy.ts';
import { type CredentialRequests, createCredentialRequests } from '../outbound/credential-requests.ts';
import { createTrust } from '../outbound/trust.ts';
import { createCredentialSource } from './create-credential-source.ts';
import { provider, START } from './fixtures/credential-harness.ts';
import { createFakeSts } from './fixtures/fake-sts.ts';

/** What a server really receives: the same fakes, over connections. */
describe('over real connections', () => {
  const sts = createFakeSts(() => START);
  const seen: string[] = [];
  let origin = '';
  let requests: CredentialRequests;
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let body = '';
    for await (const piece of incoming) body += piece;
    const path = incoming.url ?? '';
    seen.push(`${incoming.method} ${path}`);
    if (path === '/latest/api/token') return void outgoing.end('session');
    if (path.startsWith('/latest/')) {
      if (incoming.headers['x-aws-ec2-metadata-token'] !== 'session')
        return void outgoing.writeHead(401).end();
      if (path.endsWith('/')) return void outgoing.end('my-role');
      const Expiration = new Date(START + 3_600_000).toISOString();
      const keys = { Code: 'Success', AccessKeyId: 'ASIA-i', SecretAccessKey: 's', Token: 't', Expiration };
      return void outgoing.writeHead(200, { date: new Date(START).toUTCString() }).end(JSON.stringify(keys));
    }
    const headers = incoming.headers as Record<string, string>;
    const answer = await sts.answer({
      url: `${origin}${path}`,
      method: 'POST',
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => SIGNED.test(name))),
      body,
      place: 'network',
    });
    outgoing.writeHead(answer.status, { ...answer.headers }).end(answer.body);
  }
  const SIGNED = /^(authorization|content-type|x-amz-.*)$/;

  beforeAll(async () => {
    sts.known.set('ASIA-i', { secret: 's', token: 't' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    requests = createCredentialRequests({
      chooseProxy: createChooseProxy({ httpsProxy: undefined, httpProxy: undefined, noProxy: [] }),
      trust: createTrust(),
    });
  });
  afterAll(async () => {
    await requests.close();
    server.close();
  });

  it("takes an instance's keys, and a role with them, once for a hundred requests", async () => {
    const source = createCredentialSource({
      environment: () => undefined,
      files: { read: () => undefined, reload: () => undefined, reloadOne: () => undefined },
      processEnvironment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: origin },
      readFile: () => undefined,
      send: requests.send,
      trustedHosts: [],
      clock: { now: () => START, monotonic: () => 0 },
      random: { id: () => '', fraction: () => 0 },
    });
    const target = provider(
      {
        from: 'aws',
        source: 'instance',
        roles: [{ arn: 'arn:aws:iam::123456789012:role/one', tags: { 'team name': 'ä/+ &=' } }],
        sts_url: `${origin}/sts`,
      },
      { region: 'eu-central-1' },
    );
    const got = await Promise.all(Array.from({ length: 100 }, () => source.read(target)));
    expect(source.problem(target)).toBeUndefined();
    expect(new Set(got)).toEqual(new Set([source.read(target)]));
    expect(source.read(target)).toMatchObject({ type: 'aws', accessKeyId: 'ASIA-one-1', skewMs: 0 });
    expect(sts.asked[0]?.form.get('Tags.member.1.Value')).toBe('ä/+ &=');
    const role = '/latest/meta-data/iam/security-credentials/';
    expect(seen).toEqual(['PUT /latest/api/token', `GET ${role}`, `GET ${role}my-role`, 'POST /sts']);
  });
});
