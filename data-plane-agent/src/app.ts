import type { IncomingMessage, ServerResponse } from 'node:http';
import { ByteBudget } from './gateway/body/byte-budget.ts';
import { watchForHangUp } from './gateway/pipeline/client-hang-up.ts';
import {
  createRequestContext,
  type GatewayLog,
  type GatewayServices,
  type PipelineSurface,
  type RequestContext,
} from './gateway/pipeline/request-context.ts';
import { GENERATION_STAGES, runPipeline, type Stage } from './gateway/pipeline/run-pipeline.ts';
import type {
  Clock,
  ConfigSource,
  CredentialSource,
  GatewayMetrics,
  MediaFetcher,
  Random,
  UpstreamConnections,
  UsageSink,
} from './gateway/ports.ts';
import { AttemptTimers } from './gateway/reliability/attempt-timer.ts';
import { CircuitBreaker } from './gateway/reliability/circuit-breaker.ts';
import { answerDirectly, refuseDirectly } from './gateway/server/answer-directly.ts';
import { buildListener, type Listener } from './gateway/server/build-listener.ts';
import type { GatewaySettings } from './gateway/server/gateway-settings.ts';
import { InFlight } from './gateway/server/in-flight.ts';
import { LIST_MODELS_STAGES, oneModelStages } from './gateway/server/list-models.ts';
import { routingTable } from './gateway/server/routing-table.ts';
import { PLAIN_SURFACE } from './gateway/server/surface-table.ts';
import { StateSeal } from './gateway/state/state-seal.ts';

/** What a gateway is made of: everything that it reaches outside of itself. */
export interface GatewayParts {
  config: ConfigSource;
  usage: UsageSink;
  credentials: CredentialSource;
  media: MediaFetcher;
  connections: UpstreamConnections;
  metrics: GatewayMetrics;
  clock: Clock;
  random: Random;
  log: GatewayLog;
  settings: GatewaySettings;
  /** Tags opaque state of providers; the same for all replicas, at least 16 bytes. */
  stateKey: Buffer;
}

/** A gateway without a listener: give `handler` to any node HTTP server, made with `HTTP_SERVER_OPTIONS`. */
export interface Gateway {
  handler: Listener;
  /** Requests under way, health checks not counted. */
  inFlight(): number;
  /**
   * Takes no new work (503, `connection: close`) and lets what is under way finish; what is left after the deadline is
   * ended and settled. Resolves when nothing is left. Closing the listener is the caller's.
   */
  stop(deadlineMs: number): Promise<void>;
}

const LIVE = Buffer.from('{"status":"live"}');
const READY = Buffer.from('{"status":"ready"}');
const NOT_READY = Buffer.from('{"status":"not_ready","reason":"no configuration was applied yet"}');

/**
 * Puts the gateway together.
 *
 * @example
 * const gateway = createGateway(parts);
 * createServer(HTTP_SERVER_OPTIONS, gateway.handler).listen(8000);
 */
export function createGateway(parts: GatewayParts): Gateway {
  const { settings, metrics, config, random } = parts;
  const services: GatewayServices = {
    ...parts,
    budget: new ByteBudget(settings.bufferBudgetBytes, (delta) => metrics.bufferedBytes(delta)),
    seal: new StateSeal(parts.stateKey),
    breaker: new CircuitBreaker({
      failures: settings.breakerFailures,
      cooldownMs: settings.breakerCooldownMs,
    }),
    timers: new AttemptTimers(parts.clock),
  };
  const inFlight = new InFlight();

  const left = (context: RequestContext) => {
    metrics.inFlight(-1);
    inFlight.remove(context);
  };

  function serve(
    surface: PipelineSurface,
    stages: readonly Stage[],
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    pathModel?: string,
  ): void {
    const { snapshot } = config;
    const refusal = inFlight.stopping ? 'stopping' : 'not_ready';
    if (inFlight.stopping || !snapshot)
      return refuseDirectly(incoming, outgoing, refusal, random.id(), surface.errors);
    const context = createRequestContext(services, surface, snapshot, incoming, outgoing, pathModel);
    watchForHangUp(context);
    inFlight.add(context);
    metrics.inFlight(1);
    void runPipeline(context, stages, left);
  }

  const table = routingTable({
    generate: (surface) => (incoming, outgoing, parameter) =>
      serve(surface, GENERATION_STAGES, incoming, outgoing, surface.modelIn?.(parameter)),
    listModels: (incoming, outgoing) => serve(PLAIN_SURFACE, LIST_MODELS_STAGES, incoming, outgoing),
    oneModel: (incoming, outgoing, name) => serve(PLAIN_SURFACE, oneModelStages(name), incoming, outgoing),
    live: (incoming, outgoing) => answerDirectly(incoming, outgoing, 200, LIVE),
    ready: (incoming, outgoing) =>
      config.snapshot
        ? answerDirectly(incoming, outgoing, 200, READY)
        : answerDirectly(incoming, outgoing, 503, NOT_READY),
  });
  return {
    handler: buildListener(table, () => random.id()),
    inFlight: () => inFlight.size,
    stop: (deadlineMs) => inFlight.stop(deadlineMs),
  };
}
