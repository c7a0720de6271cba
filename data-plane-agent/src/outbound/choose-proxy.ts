import { type NoProxy, parseNoProxy } from './no-proxy.ts';

/** The proxies of this process. */
export interface ProxySettings {
  httpsProxy: string | undefined;
  httpProxy: string | undefined;
  noProxy: readonly string[];
}

/** The proxy for a URL; undefined for a direct connection. `override` is a provider's own: `direct` or a proxy's URL. */
export type ChooseProxy = (url: URL, override?: string) => string | undefined;

/** For https the https proxy, or else the one for http; for http its own. Loopback is no exception: list it in NO_PROXY. */
export function createChooseProxy(settings: ProxySettings): ChooseProxy {
  const direct: NoProxy = parseNoProxy(settings.noProxy);
  return (url, override) => {
    if (override === 'direct') return undefined;
    if (override) return override;
    if (direct(url)) return undefined;
    return url.protocol === 'https:' ? (settings.httpsProxy ?? settings.httpProxy) : settings.httpProxy;
  };
}
