import type { MediaSource } from './chat-content.ts';

/** Reads a URL that may hold the bytes themselves (RFC 2397, the base64 form); others stay URLs. */
export function readMediaUrl(url: string): MediaSource {
  if (!url.startsWith('data:')) return { kind: 'url', url };
  const comma = url.indexOf(',');
  const head = url.slice('data:'.length, comma);
  if (comma === -1 || !head.endsWith(';base64')) return { kind: 'url', url };
  return { kind: 'base64', mediaType: head.slice(0, -';base64'.length), data: url.slice(comma + 1) };
}

/** The URL for a source; undefined for what was uploaded to a provider. */
export function writeMediaUrl(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url;
  return source.kind === 'base64' ? `data:${source.mediaType};base64,${source.data}` : undefined;
}
