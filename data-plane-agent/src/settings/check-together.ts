import type { Settings } from './setting-table.ts';

/** Settings that need each other: certificate and key, and one source of configuration. Gives a sentence for each mistake. */
export function checkTogether(settings: Settings, standaloneFile: boolean): string[] {
  const problems: string[] = [];
  const pair = (first: string, one: unknown, second: string, other: unknown) => {
    if (one && !other) problems.push(`${first} is given without ${second}; both are needed.`);
    if (other && !one) problems.push(`${second} is given without ${first}; both are needed.`);
  };
  pair('BONITO_TLS_CERTIFICATE', settings.tlsCertificate, 'BONITO_TLS_KEY', settings.tlsKey);
  pair('BONITO_CLIENT_CERTIFICATE', settings.clientCertificate, 'BONITO_CLIENT_KEY', settings.clientKey);
  if (settings.tlsClientCa && !settings.tlsCertificate) {
    problems.push(
      'BONITO_TLS_CLIENT_CA is given without BONITO_TLS_CERTIFICATE; client certificates need HTTPS.',
    );
  }
  return [...problems, ...checkSource(settings, standaloneFile)];
}

/** A control plane, an exported configuration, or a file: exactly one of them. */
function checkSource(settings: Settings, standaloneFile: boolean): string[] {
  const signed = settings.controlPlane ?? settings.configurationFolder;
  if (!signed && standaloneFile) return [];
  if (!signed && !settings.configFile) {
    return [
      'Nothing says where the configuration comes from: set BONITO_CONTROL_PLANE and BONITO_ORG_TOKEN, or give --config FILE for standalone use.',
    ];
  }
  if (!signed) {
    return [
      `${settings.configFile} holds no providers, models or keys, and no control plane is given: add them, or set BONITO_CONTROL_PLANE and BONITO_ORG_TOKEN.`,
    ];
  }
  const problems: string[] = [];
  if (settings.controlPlane && settings.configurationFolder) {
    problems.push('BONITO_CONTROL_PLANE and BONITO_CONFIG_DIR are both given: use one of them.');
  }
  if (standaloneFile) {
    problems.push(
      `${settings.configFile} holds providers, models or keys, and a control plane or an exported configuration is given too: use one of them.`,
    );
  }
  if (!settings.organizationToken && !settings.organizationTokenFile) {
    problems.push(
      'No token says which organization this agent belongs to: set BONITO_ORG_TOKEN, or BONITO_ORG_TOKEN_FILE to a file that holds it.',
    );
  }
  return problems;
}
