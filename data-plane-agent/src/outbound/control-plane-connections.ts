import { Dispatcher } from 'undici';
import { createDispatcher, type Reach } from './create-dispatcher.ts';
import type { ClientCertificate, Trust } from './trust.ts';

/** Connections to the control plane, with a client certificate that may be renewed. */
export interface ControlPlaneConnections {
  readonly dispatcher: Dispatcher;
  /** Shows another certificate from the next connection on; requests on the old ones end in peace. */
  renew(client: ClientCertificate): void;
  close(): Promise<void>;
}

export interface ControlPlaneConnectionsOptions {
  address: string;
  proxy: string | undefined;
  trust: Trust;
  client: ClientCertificate | undefined;
  connectMs: number;
  create?: (reach: Reach) => Dispatcher;
}

/** A dispatcher that hands everything to another one, which may be exchanged. */
class ExchangeableDispatcher extends Dispatcher {
  #current: Dispatcher;

  constructor(current: Dispatcher) {
    super();
    this.#current = current;
  }

  exchange(next: Dispatcher): Dispatcher {
    const previous = this.#current;
    this.#current = next;
    return previous;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#current.dispatch(options, handler);
  }
}

/** Few connections: the long poll, a heartbeat, a batch, and the sections of a new configuration. */
const CONNECTIONS = 8;

export function createControlPlaneConnections(
  options: ControlPlaneConnectionsOptions,
): ControlPlaneConnections {
  const open = (client: ClientCertificate | undefined) =>
    (options.create ?? createDispatcher)({
      origin: new URL(options.address).origin,
      proxy: options.proxy,
      secureContext: options.trust.context(undefined, client),
      connections: CONNECTIONS,
      connectMs: options.connectMs,
      // The operator wrote this address, not someone else.
      refuseMetadata: false,
    });
  const dispatcher = new ExchangeableDispatcher(open(options.client));
  return {
    dispatcher,
    renew: (client) => void dispatcher.exchange(open(client)).close(),
    close: () => dispatcher.exchange(open(undefined)).destroy(),
  };
}
