import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHAT, type PeerApi, requestBody } from './peer-request.ts';
import type { Target } from './peer-targets.ts';

/** What the reader of many streams saw. */
export interface StreamResult {
  /** From the request to its first event, in microseconds, one for each stream. */
  firstEvent: number[];
  /** Content events of all streams. */
  events: number;
  /** Streams that did not reach their end. */
  failed: number;
}

const streams = 32;
const millisecondsBetweenStarts = 7;
const longestStream = 15_000;
const eventMark = '"delta":';

/** Reads 32 streams of 200 events 10 ms apart at once, over raw sockets: an HTTP client would add its own noise. */
export async function readPacedStreams(target: Target, api: PeerApi = CHAT): Promise<StreamResult> {
  const result: StreamResult = { firstEvent: [], events: 0, failed: 0 };
  const request = rawRequest(target, api.path, requestBody('m-200-10', true));
  await Promise.all(
    Array.from({ length: streams }, async (_, index) => {
      await sleep(index * millisecondsBetweenStarts);
      await readStream(target.port, request, api.streamEnd, result);
    }),
  );
  return result;
}

function rawRequest({ port, headers }: Target, path: string, body: string): string {
  const all = { host: `127.0.0.1:${port}`, 'content-type': 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`;
}

function readStream(port: number, request: string, endMark: string, result: StreamResult): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const timer = setTimeout(() => socket.destroy(), longestStream);
    let startedAt = 0n;
    let unread = '';
    let events = 0;
    let isDone = false;
    socket.once('connect', () => {
      startedAt = process.hrtime.bigint();
      socket.write(request);
    });
    socket.on('data', (data: Buffer) => {
      const arrivedAt = process.hrtime.bigint();
      const text = unread + data.toString('latin1');
      const marks = text.split(eventMark);
      if (events === 0 && marks.length > 1) result.firstEvent.push(Number(arrivedAt - startedAt) / 1000);
      events += marks.length - 1;
      // A mark may be cut in two by the network.
      unread = (marks.at(-1) ?? '').slice(-(eventMark.length - 1));
      if (text.includes(endMark)) {
        isDone = true;
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      result.events += events;
      if (!isDone) result.failed++;
      resolve();
    });
  });
}
