import type { ByteBudget } from '../body/byte-budget.ts';
import { HeldBytes } from '../body/held-bytes.ts';
import type { MediaSource } from '../chat/chat-content.ts';
import type { ChatMessage, ChatRequest } from '../chat/chat-request.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { MediaClass, MediaFailure, MediaFetcher } from '../ports.ts';

/** More addresses in one request are refused: each is a connection of its own. */
const MOST_ADDRESSES = 50;

/** What may stand behind an address, by the part that names it. */
const CLASSES: Readonly<Record<string, readonly MediaClass[]>> = {
  image: ['image'],
  audio: ['audio'],
  file: ['pdf', 'text', 'image', 'audio'],
};

const WORDS: Readonly<Record<MediaFailure, string>> = {
  not_allowed: 'Addresses of this kind are not fetched here; send the bytes as base64.',
  invalid_url: 'It is no address that can be fetched.',
  address_refused: 'It does not lead to an address of the public internet.',
  unreachable: 'Its server cannot be reached.',
  timed_out: 'Its server took too long.',
  too_many_redirects: 'It leads on too often.',
  status_refused: 'Its server did not answer with 200.',
  type_refused: 'What stands there is not of the type that the part says.',
  too_large: 'It is too large.',
  no_room: 'The gateway has no room for it at the moment.',
  cancelled: 'The request was given up.',
};

/** Whether a request names images or files by addresses on the web. */
export function namesMediaUrls(request: ChatRequest): boolean {
  return request.messages.some(
    (message) => hasParts(message) && message.content.some((part) => urlOf(part) !== undefined),
  );
}

/** A request with the bytes in place of the addresses, and what they hold of the byte budget. */
export interface FetchedRequest {
  readonly request: ChatRequest;
  readonly held: HeldBytes;
}

/**
 * Fetches what a request names by address, for a provider that takes bytes only. Each address once, all at the same time.
 *
 * @throws GatewayError `media_unavailable` with the part's path
 */
export async function fetchRequestMedia(
  request: ChatRequest,
  media: MediaFetcher,
  limits: { budget: ByteBudget; bytes: number },
): Promise<FetchedRequest> {
  const held = new HeldBytes(limits.budget, limits.bytes);
  const wanted = new Map<string, { path: string; classes: readonly MediaClass[] }>();
  request.messages.forEach((message, index) => {
    if (!hasParts(message)) return;
    message.content.forEach((part, position) => {
      const url = urlOf(part);
      if (url === undefined || wanted.has(url)) return;
      wanted.set(url, {
        path: `messages[${index}].content[${position}]`,
        classes: CLASSES[part.type] ?? [],
      });
    });
  });
  const [overflow] = [...wanted.values()].slice(MOST_ADDRESSES);
  if (overflow) throw unavailable(overflow.path, `A request may name ${MOST_ADDRESSES} addresses at most.`);
  const cancel = new AbortController();
  try {
    const fetched = await Promise.all(
      [...wanted].map(async ([url, { path, classes }]): Promise<[string, MediaSource]> => {
        const reserve = (bytes: number) => take(held, bytes);
        const found = await media.fetch({ url, classes, reserve, signal: cancel.signal });
        if ('failure' in found) throw unavailable(path, WORDS[found.failure]);
        return [url, { kind: 'base64', mediaType: found.mediaType, data: found.bytes.toString('base64') }];
      }),
    );
    return { request: replaceUrls(request, new Map(fetched)), held };
  } catch (error) {
    cancel.abort();
    held.release();
    throw error;
  }
}

function take(held: HeldBytes, bytes: number): boolean {
  try {
    held.add(bytes);
    return true;
  } catch {
    return false;
  }
}

function replaceUrls(request: ChatRequest, sources: ReadonlyMap<string, MediaSource>): ChatRequest {
  const messages = request.messages.map((message): ChatMessage => {
    if (!hasParts(message)) return message;
    const content = message.content.map((part) => {
      const source = sources.get(urlOf(part) ?? '');
      return source ? { ...part, source } : part;
    });
    // The parts keep their types; only sources were exchanged.
    return { ...message, content } as ChatMessage;
  });
  return { ...request, messages };
}

type MessageWithParts = Exclude<ChatMessage, { role: 'other' }>;

function hasParts(message: ChatMessage): message is MessageWithParts {
  return message.role !== 'other';
}

function urlOf(part: MessageWithParts['content'][number]): string | undefined {
  if (part.type !== 'image' && part.type !== 'audio' && part.type !== 'file') return undefined;
  // Addresses of a cloud's own storage (s3://, gs://) are for that cloud.
  return part.source.kind === 'url' && /^https?:/i.test(part.source.url) ? part.source.url : undefined;
}

function unavailable(param: string, detail: string): GatewayError {
  return new GatewayError('media_unavailable', { param, detail });
}
