import type { Dispatcher } from 'undici';
import type { FetchedMedia, MediaClass, MediaFetcher, MediaQuery } from '../gateway/ports.ts';
import {
  MediaError,
  type MediaFetcherOptions,
  openMediaConnection,
  readMediaAddress,
} from './media-connection.ts';

const REDIRECT_LIMIT = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const TYPES: Readonly<Record<MediaClass, RegExp>> = {
  image: /^image\/[\w.+-]+$/,
  audio: /^audio\/[\w.+-]+$/,
  pdf: /^application\/pdf$/,
  text: /^text\/[\w.+-]+$/,
};
const OPTIONS = { headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'bonito' } };

/**
 * Makes the fetcher of media that clients name by address. The address is foreign, so: no address outside of the public
 * internet, in any spelling; a name is resolved once, every one of its addresses must be public, and only those are
 * connected to; redirects are few and checked alike; nothing of the client's or the agent's is sent along; size and time
 * are limited while bytes arrive.
 */
export function createMediaFetcher(options: MediaFetcherOptions): MediaFetcher {
  return {
    async fetch(query) {
      const late = AbortSignal.timeout(options.timeoutMs);
      const signal = query.signal ? AbortSignal.any([late, query.signal]) : late;
      try {
        return await follow(query, options, signal);
      } catch (error) {
        if (error instanceof MediaError) return { failure: error.failure };
        if (query.signal?.aborted) return { failure: 'cancelled' };
        return { failure: late.aborted ? 'timed_out' : 'unreachable' };
      }
    },
  };
}

async function follow(
  query: MediaQuery,
  options: MediaFetcherOptions,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  let address = query.url;
  for (let redirects = 0; redirects <= REDIRECT_LIMIT; redirects++) {
    signal.throwIfAborted();
    const url = readMediaAddress(address, options);
    const dispatcher = await openMediaConnection(url, options, signal);
    try {
      const answer = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        ...OPTIONS,
        signal,
      });
      // An answer that is left unread ends with its connection, which is no news.
      answer.body.on('error', () => undefined);
      if (!REDIRECTS.has(answer.statusCode)) return await read(answer, query, options);
      const { location } = answer.headers;
      const next = typeof location === 'string' ? URL.parse(location, url.href) : null;
      if (!next) throw new MediaError('status_refused');
      address = next.href;
    } finally {
      // Also ends an answer that was not read.
      dispatcher.destroy().catch(() => undefined);
    }
  }
  throw new MediaError('too_many_redirects');
}

async function read(
  answer: Dispatcher.ResponseData,
  query: MediaQuery,
  options: MediaFetcherOptions,
): Promise<FetchedMedia> {
  if (answer.statusCode !== 200) throw new MediaError('status_refused');
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = answer.headers;
  const mediaType = typeof type === 'string' ? (type.split(';', 1)[0] ?? '').trim().toLowerCase() : '';
  if (!query.classes.some((wanted) => TYPES[wanted].test(mediaType))) throw new MediaError('type_refused');
  // Asked for as it is; something packed could unfold to any size.
  if (encoding !== undefined && encoding !== 'identity') throw new MediaError('type_refused');
  const limit = Math.min(options.limitBytes, query.limitBytes ?? Number.POSITIVE_INFINITY);
  if (Number(length) > limit) throw new MediaError('too_large');
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > limit) throw new MediaError('too_large');
    if (query.reserve && !query.reserve(piece.length)) throw new MediaError('no_room');
    pieces.push(piece);
  }
  return { bytes: Buffer.concat(pieces), mediaType };
}
