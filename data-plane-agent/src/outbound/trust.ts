import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** A certificate and its key, in PEM, that this process shows. */
export interface ClientCertificate {
  certificate: string;
  key: string;
}

/**
 * Which authorities outbound connections trust. Contexts are made once and shared, since one with the usual authorities
 * costs milliseconds and memory.
 */
export interface Trust {
  /**
   * The context for connections that trust `ca` (PEM) besides the usual authorities and show `client`; undefined where
   * node's own default serves.
   *
   * @throws when a certificate or key is not PEM
   */
  context(ca?: string, client?: ClientCertificate): SecureContext | undefined;
}

const CONTEXT_LIMIT = 256;

/** @param extraCa a PEM bundle trusted everywhere besides node's own authorities and NODE_EXTRA_CA_CERTS */
export function createTrust(extraCa?: string): Trust {
  const contexts = new Map<string, SecureContext>();
  return {
    context(ca, client) {
      if (!extraCa && !ca && !client) return undefined;
      const name = JSON.stringify([ca, client?.certificate, client?.key]);
      const known = contexts.get(name);
      if (known) return known;
      const more = [extraCa, ca].filter((pem) => pem !== undefined);
      const made = createSecureContext({
        ...(more.length > 0 && { ca: [...getCACertificates('default'), ...more] }),
        ...(client && { cert: client.certificate, key: client.key }),
      });
      if (contexts.size >= CONTEXT_LIMIT) contexts.clear();
      contexts.set(name, made);
      return made;
    },
  };
}
