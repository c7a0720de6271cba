import type { CacheHint } from './chat-content.ts';
import { isObject, type JsonObject } from './wire.ts';

/**
 * Reads `cache_control` as Anthropic has it, and OpenRouter and others after it: `{"type":"ephemeral","ttl":"1h"}`.
 *
 * @returns undefined when it is absent or has another shape, which then stays an extra member
 */
export function readCacheControl(value: unknown): CacheHint | undefined {
  if (!isObject(value) || value.type !== 'ephemeral') return undefined;
  const { ttl } = value;
  if (Object.keys(value).some((name) => name !== 'type' && name !== 'ttl')) return undefined;
  if (ttl === undefined || ttl === null) return {};
  return ttl === '5m' || ttl === '1h' ? { ttl } : undefined;
}

export function writeCacheControl(cache: CacheHint): JsonObject {
  return { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) };
}
