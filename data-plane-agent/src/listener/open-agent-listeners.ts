import type { RequestListener } from 'node:http';
import { EXACT_POST_PATHS } from '../gateway/server/routing-table.ts';
import type { Settings } from '../settings/setting-table.ts';
import { errorCode, type Log } from '../telemetry/log.ts';
import { type Listener, openListener } from './open-listener.ts';
import { readTlsFiles, type TlsFiles } from './read-pem.ts';
import { reloadFiles } from './reload-files.ts';

/** The two ports of an agent. */
export interface AgentListeners {
  gateway: Listener;
  admin: Listener;
  close(): Promise<void>;
}

const TLS_SETTINGS = {
  certificate: 'BONITO_TLS_CERTIFICATE',
  key: 'BONITO_TLS_KEY',
  clientCa: 'BONITO_TLS_CLIENT_CA',
};
const ADMIN_CONNECTIONS = 100;
/** How long last answers may take to leave once all requests are settled. */
const DRAIN_MS = 1_000;

/**
 * Opens both ports, with HTTPS for clients where a certificate is given; that is renewed when its files change.
 *
 * @throws ListenError, TlsFileError
 */
export async function openAgentListeners(
  settings: Settings,
  handlers: { gateway: RequestListener; admin: RequestListener },
  log: Log,
): Promise<AgentListeners> {
  const files = tlsFiles(settings);
  const gateway = await openListener({
    address: { host: settings.listen.host, port: settings.listen.port },
    setting: 'BONITO_LISTEN',
    handler: handlers.gateway,
    tls: files && readTlsFiles(files, TLS_SETTINGS),
    connectionLimit: settings.connectionLimit,
    headerLimit: settings.headerLimit,
    http2: true,
    plainPaths: EXACT_POST_PATHS,
  });
  const admin = await openListener({
    address: { host: settings.adminListen.host, port: settings.adminListen.port },
    setting: 'BONITO_ADMIN_LISTEN',
    handler: handlers.admin,
    connectionLimit: ADMIN_CONNECTIONS,
    headerLimit: settings.headerLimit,
  }).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  const reload = files && reloadFiles(pathsOf(files), () => renew(gateway, files, log));
  return {
    gateway,
    admin,
    async close() {
      reload?.stop();
      await Promise.all([gateway.close(DRAIN_MS), admin.close()]);
    },
  };
}

function renew(listener: Listener, files: TlsFiles, log: Log): void {
  try {
    listener.renew(readTlsFiles(files, TLS_SETTINGS));
    log.info('the certificate of the listener was renewed');
  } catch (error) {
    // Often seen for a moment, when the certificate was replaced and the key was not yet.
    log.error({ code: errorCode(error) }, 'the new certificate cannot be used; the last one is kept');
  }
}

function tlsFiles({ tlsCertificate, tlsKey, tlsClientCa }: Settings): TlsFiles | undefined {
  if (!tlsCertificate || !tlsKey) return undefined;
  return { certificate: tlsCertificate, key: tlsKey, clientCa: tlsClientCa };
}

function pathsOf({ certificate, key, clientCa }: TlsFiles): string[] {
  return clientCa ? [certificate, key, clientCa] : [certificate, key];
}
