import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2';

/** What a client got to see of one request. */
export interface Http2Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  text: string;
  /** The stream's error code; 0 when all is well. */
  code: number;
}

/** A connection that reports its errors by its streams alone. */
export function openSession(url: string, options = {}): ClientHttp2Session {
  return connect(url, options).on('error', () => {});
}

/** Sends one request and reads its answer to the end, whatever that is. */
export function ask(
  client: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string,
): Promise<Http2Answer> {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return readAnswer(stream);
}

/** Reads an answer to the end. */
export function readAnswer(stream: ClientHttp2Stream): Promise<Http2Answer> {
  return new Promise((resolve) => {
    const answer: Http2Answer = { status: undefined, headers: {}, text: '', code: 0 };
    stream.setEncoding('utf8');
    stream.on('response', (headers) => Object.assign(answer, { headers, status: headers[':status'] }));
    stream.on('data', (text: string) => {
      answer.text += text;
    });
    stream.on('error', () => {});
    stream.on('close', () => resolve({ ...answer, code: stream.rstCode }));
  });
}
