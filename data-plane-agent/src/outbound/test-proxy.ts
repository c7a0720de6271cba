import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A small forward proxy for tests: CONNECT and absolute URLs, basic authentication, names of its own. */
export interface TestProxy {
  url: (userinfo?: string) => string;
  /** What was asked for: `CONNECT upstream.example:443`, `GET http://upstream.example/`. */
  asked: string[];
  close(): Promise<void>;
}

/** @param hosts where names lead: `upstream.example:443` to a port on 127.0.0.1 */
export async function startTestProxy(
  hosts: Record<string, number>,
  credential?: { user: string; password: string },
): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const wanted =
    credential && `Basic ${Buffer.from(`${credential.user}:${credential.password}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (wanted && incoming.headers['proxy-authorization'] !== wanted)
      return void outgoing.writeHead(407).end();
    const url = new URL(incoming.url ?? '');
    const port = hosts[`${url.hostname}:${url.port || 80}`];
    const onward = httpRequest(
      { port, host: '127.0.0.1', path: url.pathname, method: incoming.method },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket, head) => {
    asked.push(`CONNECT ${incoming.url}`);
    socket.on('error', () => socket.destroy());
    if (wanted && incoming.headers['proxy-authorization'] !== wanted) {
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    }
    const port = hosts[incoming.url ?? ''];
    if (port === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    sockets.add(onward);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (userinfo) => `http://${userinfo ? `${userinfo}@` : ''}127.0.0.1:${port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
