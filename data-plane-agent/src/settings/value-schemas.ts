import { z } from 'zod';

/**
 * Values of settings. Each takes what a person writes in a variable, a flag or a YAML file, and gives what the program
 * uses. A message completes the sentence "NAME must be ...".
 */

const BYTE_UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads `32MB`, `512k`, `1048576`. Units are powers of 1024, with or without the "i". Undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = BYTE_UNITS[(match?.[2] ?? '?').toLowerCase()];
  if (!match || unit === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Reads `15s`, `250ms`, `2m`, `1h` into milliseconds. A bare number is seconds. Undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h)?$/i.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (DURATION_UNITS[(match[2] ?? 's').toLowerCase()] ?? 1_000));
}

/** Where to listen. Without a host: every address of the machine, IPv6 and IPv4. Port 0 lets the system choose. */
export interface ListenAddress {
  host: string | undefined;
  port: number;
}

/** Reads `host:port`, `[::1]:port`, `:port` or `port`. Undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-f:.%\w]+)\]:|([^:[\]\s]*):)?(\d{1,5})$/i.exec(text.trim());
  if (!match) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] || match[2] || undefined, port };
}

/** Writes an address as `parseListenAddress` reads it. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host?.includes(':') ? `[${host}]` : (host ?? '')}:${port}`;
}

function from<Value>(expected: string, read: (text: string) => Value | undefined) {
  return z.union([z.string(), z.number()], { error: expected }).transform((given, context): Value => {
    const value = read(String(given));
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

/** A number of bytes from `minimum` on. */
export function bytes(minimum: number) {
  const least = minimum >= 1024 ? `${minimum / 1024}KB` : String(minimum);
  return from(`a size such as "32MB", at least ${least}`, (text) => {
    const value = parseBytes(text);
    return value !== undefined && value >= minimum ? value : undefined;
  });
}

/** Milliseconds, from `minimum` up to a day. */
export function duration(minimum: number) {
  const least = minimum === 0 ? '0 switches it off' : `at least ${minimum}ms`;
  return from(`a time such as "15s" or "250ms" (${least}, at most 24h)`, (text) => {
    const value = parseDuration(text);
    return value !== undefined && value >= minimum && value <= 86_400_000 ? value : undefined;
  });
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(minimum: number, maximum: number) {
  return from(`a whole number from ${minimum} to ${maximum}`, (text) => {
    const value = Number(text);
    return /^\d{1,9}$/.test(text.trim()) && value >= minimum && value <= maximum ? value : undefined;
  });
}

/** Text that is not empty. */
export const text = z.string({ error: 'text' }).min(1, 'text that is not empty');

/** An http or https address. */
export const httpAddress = z
  .url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' })
  .transform((address) => address.replace(/\/+$/, ''));

/** A proxy's address; `proxy.example:3128` is read as `http://proxy.example:3128`, as curl does. */
export const proxyAddress = from('a proxy such as "http://user:password@proxy.example:3128"', (given) => {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  return /^https?:$/.test(URL.parse(address)?.protocol ?? '') ? address : undefined;
});

/** Names, as a YAML list or separated by commas or blanks. */
export const names = z
  .union([z.string(), z.array(z.string())], { error: 'a list of names' })
  .transform((given) => (typeof given === 'string' ? given.split(/[\s,]+/) : given).filter(Boolean));

const addressText = from('an address such as ":8000", "127.0.0.1:8000" or "[::1]:8000"', parseListenAddress);

/** An address to listen on, as text or, in a file, as `{host, port}`. */
export const listenAddress = z.union(
  [
    addressText,
    z.object({
      host: z.string().min(1).optional(),
      port: z.int().min(0).max(65_535),
    }),
  ],
  { error: 'an address such as ":8000", "127.0.0.1:8000" or "[::1]:8000", or {host, port} in a file' },
) satisfies z.ZodType<{ host?: string | undefined; port: number }>;
