import { z } from 'zod';
import {
  bytes,
  duration,
  httpAddress,
  listenAddress,
  names,
  proxyAddress,
  text,
  wholeNumber,
} from './value-schemas.ts';

/** One setting: everything that is known of it. Help, validation and the documentation are all made from these. */
export interface Setting {
  /** Environment variables; the first one that is set counts. */
  readonly environment: readonly [string, ...string[]];
  /** Without the dashes. Absent where a value must not stand on a command line. */
  readonly flag?: string;
  /** Its place in the configuration file, dots between the levels. Absent where it must not stand there. */
  readonly file?: string;
  readonly schema: z.ZodType;
  /** As a person would write it; undefined where the setting has no default. */
  readonly default?: string;
  readonly does: string;
  /** How the value is hidden wherever it is shown: whole, or the user and the password in an address. */
  readonly secret?: 'whole' | 'userinfo';
}

/** Every setting of the agent, by the name that the program uses. */
export const SETTINGS = {
  configFile: {
    environment: ['BONITO_CONFIG'],
    flag: 'config',
    schema: text,
    does: 'A YAML file with settings and, for standalone use, with providers, models, routes and keys.',
  },
  controlPlane: {
    environment: ['BONITO_CONTROL_PLANE'],
    flag: 'control-plane',
    file: 'control_plane',
    schema: httpAddress,
    does: 'Address of the control plane. Without one the agent runs standalone from the configuration file.',
  },
  organizationToken: {
    environment: ['BONITO_ORG_TOKEN'],
    schema: text,
    does: "The agent's token (bt-...). Not a flag, since command lines are visible to others.",
    secret: 'whole',
  },
  organizationTokenFile: {
    environment: ['BONITO_ORG_TOKEN_FILE'],
    flag: 'org-token-file',
    file: 'org_token_file',
    schema: text,
    does: "A file that holds the agent's token; read again when the control plane refuses the token.",
  },
  configurationFolder: {
    environment: ['BONITO_CONFIG_DIR'],
    flag: 'config-dir',
    file: 'config_dir',
    schema: text,
    does: 'Folder with an exported, signed configuration, for a site that the control plane does not reach. Needs the token too.',
  },
  stateDirectory: {
    environment: ['BONITO_STATE_DIR'],
    flag: 'state-dir',
    file: 'state_dir',
    schema: text,
    default: '.bonito/agent',
    does: 'Folder for the stored configuration and for usage that was not sent yet. The agent writes nowhere else.',
  },
  listen: {
    environment: ['BONITO_LISTEN'],
    flag: 'listen',
    file: 'listen',
    schema: listenAddress,
    default: ':8000',
    does: 'Where clients connect. Without a host: every address, IPv6 and IPv4.',
  },
  tlsCertificate: {
    environment: ['BONITO_TLS_CERTIFICATE'],
    flag: 'tls-certificate',
    file: 'listen.tls.certificate',
    schema: text,
    does: 'PEM file with the certificate chain for clients; makes the listener HTTPS. Read again when it changes.',
  },
  tlsKey: {
    environment: ['BONITO_TLS_KEY'],
    flag: 'tls-key',
    file: 'listen.tls.key',
    schema: text,
    does: 'PEM file with the private key of that certificate.',
  },
  tlsClientCa: {
    environment: ['BONITO_TLS_CLIENT_CA'],
    flag: 'tls-client-ca',
    file: 'listen.tls.client_ca',
    schema: text,
    does: 'PEM file with authorities. With it, only clients that show a certificate of one of them may connect.',
  },
  adminListen: {
    environment: ['BONITO_ADMIN_LISTEN'],
    flag: 'admin-listen',
    file: 'admin',
    schema: listenAddress,
    default: '127.0.0.1:8001',
    does: 'Where health, metrics and the outbox are served. It asks for no credential: keep it off public networks.',
  },
  caFile: {
    environment: ['BONITO_CA_FILE'],
    flag: 'ca-file',
    file: 'ca_file',
    schema: text,
    does: 'PEM bundle of authorities that outbound connections trust besides the usual ones.',
  },
  clientCertificate: {
    environment: ['BONITO_CLIENT_CERTIFICATE'],
    flag: 'client-certificate',
    file: 'client_certificate',
    schema: text,
    does: 'PEM file with the certificate shown to the control plane. Read again when it changes.',
  },
  stateKey: {
    environment: ['BONITO_STATE_KEY'],
    schema: z.string().min(16, 'must have 16 characters or more').max(1_000),
    does: 'Secret that marks whose the opaque state of providers is (signatures, encrypted reasoning). Replicas behind one address need the same one; without it each state folder has its own.',
    secret: 'whole',
  },
  clientKey: {
    environment: ['BONITO_CLIENT_KEY'],
    flag: 'client-key',
    file: 'client_key',
    schema: text,
    does: 'PEM file with the private key of that certificate.',
  },
  httpsProxy: {
    environment: ['https_proxy', 'HTTPS_PROXY'],
    file: 'proxy.https',
    schema: proxyAddress,
    does: 'Proxy for https addresses, with user and password if it wants them. Falls back to the one for http.',
    secret: 'userinfo',
  },
  httpProxy: {
    environment: ['http_proxy', 'HTTP_PROXY'],
    file: 'proxy.http',
    schema: proxyAddress,
    does: 'Proxy for http addresses.',
    secret: 'userinfo',
  },
  noProxy: {
    environment: ['no_proxy', 'NO_PROXY'],
    file: 'proxy.except',
    schema: names,
    default: '',
    does: 'Hosts reached without a proxy: names (their subdomains too), addresses, CIDR ranges, each with an optional port; `*` for all.',
  },
  bodyLimit: {
    environment: ['BONITO_BODY_LIMIT'],
    flag: 'body-limit',
    file: 'limits.body',
    schema: bytes(1024),
    default: '32MB',
    does: 'Largest request body, after decompression. Beyond it: 413.',
  },
  bufferBudget: {
    environment: ['BONITO_BUFFER_BUDGET'],
    flag: 'buffer-budget',
    file: 'limits.buffers',
    schema: bytes(1024),
    default: '256MB',
    does: 'Bytes of bodies held in memory by all requests together. Beyond it: 503 with retry-after.',
  },
  headerLimit: {
    environment: ['BONITO_HEADER_LIMIT'],
    flag: 'header-limit',
    file: 'limits.headers',
    schema: bytes(4096),
    default: '32KB',
    does: 'Largest request head: the address and all headers. Beyond it: 431.',
  },
  connectionLimit: {
    environment: ['BONITO_CONNECTIONS'],
    flag: 'connections',
    file: 'limits.connections',
    schema: wholeNumber(1, 1_000_000),
    default: '10000',
    does: 'Open connections of clients, and requests at once over HTTP/2. Further ones are closed or refused at once.',
  },
  upstreamConnections: {
    environment: ['BONITO_UPSTREAM_CONNECTIONS'],
    flag: 'upstream-connections',
    file: 'limits.upstream_connections',
    schema: wholeNumber(1, 65_535),
    default: '256',
    does: 'Open connections to each provider; further requests wait for one.',
  },
  spoolLimit: {
    environment: ['BONITO_SPOOL_LIMIT'],
    flag: 'spool-limit',
    file: 'limits.spool',
    schema: bytes(1024 * 1024),
    default: '1GB',
    does: 'Disk for usage that was not sent yet. From three quarters on, the oldest detail is collapsed into totals; money is never dropped.',
  },
  keepAliveComment: {
    environment: ['BONITO_KEEP_ALIVE_COMMENT'],
    flag: 'keep-alive-comment',
    file: 'keep_alive_comment',
    schema: duration(0),
    default: '15s',
    does: 'Silence in a stream after which a comment line keeps the connection alive.',
  },
  connectTimeout: {
    environment: ['BONITO_CONNECT_TIMEOUT'],
    flag: 'connect-timeout',
    file: 'time_limits.connect',
    schema: duration(1),
    default: '10s',
    does: 'Until a connection to a provider stands. A provider may set its own.',
  },
  firstByteTimeout: {
    environment: ['BONITO_FIRST_BYTE_TIMEOUT'],
    flag: 'first-byte-timeout',
    file: 'time_limits.first_byte',
    schema: duration(1),
    default: '10m',
    does: "From the request sent until the first byte of a provider's answer. A provider may set its own.",
  },
  idleTimeout: {
    environment: ['BONITO_IDLE_TIMEOUT'],
    flag: 'idle-timeout',
    file: 'time_limits.idle',
    schema: duration(1),
    default: '5m',
    does: "Between two pieces of a provider's answer. A provider may set its own.",
  },
  totalTimeout: {
    environment: ['BONITO_TOTAL_TIMEOUT'],
    flag: 'total-timeout',
    file: 'time_limits.total',
    schema: duration(1),
    default: '30m',
    does: 'The whole of one attempt at a provider. A provider may set its own.',
  },
  retries: {
    environment: ['BONITO_RETRIES'],
    flag: 'retries',
    file: 'retries',
    schema: wholeNumber(0, 5),
    default: '2',
    does: 'Further tries at the same provider after an error that may pass. A provider may set its own.',
  },
  credentialEnvironment: {
    environment: ['BONITO_CREDENTIAL_ENVIRONMENT'],
    flag: 'credential-environment',
    file: 'credentials.environment',
    schema: names,
    default: '',
    does: 'Further environment variables that a provider may name as its credential, besides *_API_KEY and BONITO_CREDENTIAL_*.',
  },
  credentialDirectory: {
    environment: ['BONITO_CREDENTIAL_DIR'],
    flag: 'credential-dir',
    file: 'credentials.directory',
    schema: text,
    does: "Folder with providers' credentials, one in each file. Read again when they change.",
  },
  credentialHosts: {
    environment: ['BONITO_CREDENTIAL_HOSTS'],
    flag: 'credential-hosts',
    file: 'credentials.hosts',
    schema: names,
    default: '',
    does: "Further hosts that tokens of this machine's own cloud identity may be sent to, besides the cloud's.",
  },
  mediaFetch: {
    environment: ['BONITO_MEDIA_FETCH'],
    flag: 'media-fetch',
    file: 'media.fetch',
    schema: z.enum(['https', 'http', 'off'], { error: 'one of https, http, off' }),
    default: 'https',
    does: 'Whether images and files that a client gives by address are fetched for providers that take bytes only; `http` allows both kinds of address.',
  },
  mediaProxy: {
    environment: ['BONITO_MEDIA_PROXY'],
    flag: 'media-proxy',
    file: 'media.proxy',
    schema: z.enum(['allow', 'refuse'], { error: 'one of allow, refuse' }),
    default: 'allow',
    does: 'Whether they may be fetched through the proxy, which then resolves names, so that only what the address itself shows can be checked.',
  },
  mediaLimit: {
    environment: ['BONITO_MEDIA_LIMIT'],
    flag: 'media-limit',
    file: 'media.limit',
    schema: bytes(1024),
    default: '20MB',
    does: 'Largest image or file that is fetched.',
  },
  mediaTimeout: {
    environment: ['BONITO_MEDIA_TIMEOUT'],
    flag: 'media-timeout',
    file: 'media.timeout',
    schema: duration(1),
    default: '10s',
    does: 'The whole of one such fetch, redirects included.',
  },
  stopDeadline: {
    environment: ['BONITO_STOP_DEADLINE'],
    flag: 'stop-deadline',
    file: 'stop_deadline',
    schema: duration(0),
    default: '25s',
    does: 'How long requests may go on after SIGTERM or SIGINT; then they are cut. Keep it below what ends the process by force.',
  },
  logLevel: {
    environment: ['BONITO_LOG_LEVEL'],
    flag: 'log-level',
    file: 'log_level',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'one of debug, info, warn, error, silent',
    }),
    default: 'info',
    does: 'The least severe lines that are written to standard output, as JSON.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type Value<Name extends SettingName> = z.output<(typeof SETTINGS)[Name]['schema']>;

/** What the agent runs with. A setting without a default may be undefined. */
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends { default: string }
    ? Value<Name>
    : Value<Name> | undefined;
};

/** The table as a list, in the order in which people read it. */
export const SETTING_LIST = Object.entries(SETTINGS) as [SettingName, Setting][];

/** The top-level names of the configuration file that belong to these settings; all others are the gateway's own. */
export const SETTING_SECTIONS: ReadonlySet<string> = new Set(
  SETTING_LIST.flatMap(([, { file }]) => (file ? [file.split('.', 1)[0] ?? file] : [])),
);
