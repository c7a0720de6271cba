import { createServer, request, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** Stands between agent and control plane: passes everything on and keeps every byte that went up, bodies inflated. */
export interface RecordingProxy {
  url: string;
  /** All that went up: request lines, headers and bodies as text. */
  sent(): string;
  close(): void;
}

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const { hostname, port } = new URL(target);
  let sent = '';
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const inflated = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      sent += `${incoming.method} ${incoming.url}\n${incoming.rawHeaders.join('\n')}\n${inflated.toString()}\n`;
      const upstream = request(
        { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      upstream.on('error', () => outgoing.destroy());
      outgoing.on('close', () => upstream.destroy());
      upstream.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    sent: () => sent,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
