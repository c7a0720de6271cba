import { BlockList, isIP } from 'node:net';

/** Which hosts are reached without a proxy. */
export type NoProxy = (url: URL) => boolean;

interface Rule {
  matches(host: string): boolean;
  port: string | undefined;
}

const DEFAULT_PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' };

/**
 * Reads the entries of NO_PROXY the way that curl and Go do: `*`; a name, which covers its subdomains too, with or
 * without a dot in front (`*.name` covers the subdomains only); an IP address; a CIDR range, which covers addresses and
 * not the names that resolve to them; each with an optional port. An entry that is none of these matches nothing.
 */
export function parseNoProxy(entries: readonly string[]): NoProxy {
  const rules = entries
    .map((entry) => parseRule(entry.trim().toLowerCase()))
    .filter((rule) => rule !== undefined);
  return (url) => {
    const host = url.hostname
      .toLowerCase()
      .replace(/^\[(.*)\]$/, '$1')
      .replace(/\.$/, '');
    const port = url.port || DEFAULT_PORTS[url.protocol];
    return rules.some((rule) => (rule.port === undefined || rule.port === port) && rule.matches(host));
  };
}

function parseRule(entry: string): Rule | undefined {
  if (!entry) return undefined;
  const range = parseRange(entry);
  if (range) return { port: undefined, matches: range };
  const [, bracketed, plain, given] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const host = bracketed ?? plain ?? entry;
  const port = given;
  if (isIP(host)) return { port, matches: addressMatcher(host) };
  if (host === '*') return { port, matches: () => true };
  const name = host.replace(/^\*?\./, '').replace(/\.$/, '');
  const suffix = `.${name}`;
  const subdomainsOnly = host.startsWith('*.');
  return { port, matches: (asked) => asked.endsWith(suffix) || (!subdomainsOnly && asked === name) };
}

function parseRange(entry: string): ((host: string) => boolean) | undefined {
  const [network = '', prefix, ...more] = entry.split('/');
  const family = isIP(network);
  if (!family || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? '')) return undefined;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return (host) => contains(list, host);
}

function addressMatcher(address: string): (host: string) => boolean {
  const list = new BlockList();
  list.addAddress(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return (host) => contains(list, host);
}

function contains(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
