import type { MediaFetcher } from '../gateway/ports.ts';
import { readPem, readTlsFiles, type TlsFiles } from '../listener/read-pem.ts';
import { reloadFiles } from '../listener/reload-files.ts';
import type { Settings } from '../settings/setting-table.ts';
import { errorCode, type Log } from '../telemetry/log.ts';
import { createChooseProxy } from './choose-proxy.ts';
import { type ControlPlaneConnections, createControlPlaneConnections } from './control-plane-connections.ts';
import { type CredentialRequests, createCredentialRequests } from './credential-requests.ts';
import { createMediaFetcher } from './fetch-media.ts';
import type { ClientCertificate } from './trust.ts';
import { createTrust } from './trust.ts';
import { createProviderConnections, type ProviderConnections } from './upstream-connections.ts';

/** Everything through which the agent reaches out. */
export interface Outbound {
  providers: ProviderConnections;
  /** Undefined where there is no control plane. */
  controlPlane: ControlPlaneConnections | undefined;
  /** To services that give credentials. */
  credentials: CredentialRequests;
  /** Images and files that clients name by address. */
  media: MediaFetcher;
  close(): Promise<void>;
}

const CLIENT_SETTINGS = {
  certificate: 'BONITO_CLIENT_CERTIFICATE',
  key: 'BONITO_CLIENT_KEY',
  clientCa: 'BONITO_CA_FILE',
};

/**
 * Makes the outbound connections as the settings say. Opens none yet.
 *
 * @throws TlsFileError when a certificate cannot be used
 */
export function openOutbound(settings: Settings, log: Log): Outbound {
  const trust = createTrust(settings.caFile && readPem(settings.caFile, 'BONITO_CA_FILE'));
  const chooseProxy = createChooseProxy(settings);
  const providers = createProviderConnections({
    chooseProxy,
    trust,
    connections: settings.upstreamConnections,
    connectMs: settings.connectTimeout,
  });
  const credentials = createCredentialRequests({ chooseProxy, trust });
  const media = createMediaFetcher({
    allowed: settings.mediaFetch,
    proxy: settings.mediaProxy,
    limitBytes: settings.mediaLimit,
    timeoutMs: settings.mediaTimeout,
    chooseProxy,
    trust,
  });
  const files: TlsFiles | undefined =
    settings.clientCertificate && settings.clientKey
      ? { certificate: settings.clientCertificate, key: settings.clientKey }
      : undefined;
  const controlPlane =
    settings.controlPlane === undefined
      ? undefined
      : createControlPlaneConnections({
          address: settings.controlPlane,
          proxy: chooseProxy(new URL(settings.controlPlane)),
          trust,
          client: files && readClient(files),
          connectMs: settings.connectTimeout,
        });
  const reload =
    files &&
    reloadFiles([files.certificate, files.key], () => {
      try {
        controlPlane?.renew(readClient(files));
        log.info('the client certificate was renewed');
      } catch (error) {
        log.error(
          { code: errorCode(error) },
          'the new client certificate cannot be used; the last one is kept',
        );
      }
    });
  return {
    providers,
    controlPlane,
    credentials,
    media,
    async close() {
      reload?.stop();
      await Promise.all([providers.close(), controlPlane?.close(), credentials.close()]);
    },
  };
}

function readClient(files: TlsFiles): ClientCertificate {
  const { cert, key } = readTlsFiles(files, CLIENT_SETTINGS);
  return { certificate: cert, key };
}
