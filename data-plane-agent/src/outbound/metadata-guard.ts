import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Addresses at which clouds hand out credentials to whoever asks from inside. A provider's base URL comes from the
 * control plane, so it must never lead there. Private addresses stay allowed: model servers live on them.
 */
const METADATA = new BlockList();
// Link-local: AWS, Azure, GCP and OpenStack at 169.254.169.254, ECS tasks at 169.254.170.2.
METADATA.addSubnet('169.254.0.0', 16, 'ipv4');
METADATA.addSubnet('fe80::', 10, 'ipv6');
// The same range inside IPv6 by NAT64 (RFC 6052). IPv4-mapped addresses are matched by BlockList itself.
METADATA.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
// AWS over IPv6: instance metadata and EKS pod identity.
METADATA.addSubnet('fd00:ec2::', 32, 'ipv6');
// GCP over IPv6.
METADATA.addAddress('fd20:ce::254', 'ipv6');
// Azure's platform address, Alibaba's and Oracle's metadata.
METADATA.addAddress('168.63.129.16', 'ipv4');
METADATA.addAddress('100.100.100.200', 'ipv4');
METADATA.addAddress('192.0.0.192', 'ipv4');

/** Names of the same services, for use behind a proxy, where the proxy resolves names. */
const METADATA_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** A provider leads to an address that no provider may have. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  readonly code = 'ADDRESS_REFUSED';

  constructor() {
    super(
      'the address is link-local or belongs to a metadata service of a cloud; a provider may not have it',
    );
  }
}

/** Whether an IP address is one of a metadata service, or link-local. */
export function isMetadataAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain);
  return family !== 0 && METADATA.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a URL's host, as `URL.hostname` gives it, is refused without asking DNS. */
export function isMetadataHost(hostname: string): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.+$/, '');
  return METADATA_NAMES.has(host) || isMetadataAddress(host);
}

type Resolve = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** A `lookup` for `net.connect` that refuses a name when any of its addresses is refused. */
export function guardLookup(resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, address, family) => {
      const addresses =
        typeof address === 'string' ? [address] : (address ?? []).map((entry) => entry.address);
      if (!error && addresses.some(isMetadataAddress)) callback(new AddressRefusedError(), '', 0);
      else callback(error, address, family);
    });
  };
}

/** A `lookup` for `net.connect` that knows the answer already. */
export function pinLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  };
}
