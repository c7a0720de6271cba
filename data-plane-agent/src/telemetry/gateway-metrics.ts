import { OUTCOMES, SURFACES, type SurfaceName, USAGE_CLASSES, USAGE_ERROR_CODES } from '@bonito/protocol';
import type { Registry } from 'prom-client';
import type { GatewayMetrics } from '../gateway/ports.ts';
import { type Count, type Distribution, plainCounter, plainHistogram } from './plain-metrics.ts';

/** What the rest of the agent reads of the gateway's work, for heartbeats and the admin port. */
export interface GatewayTotals {
  requests: number;
  /** Requests that the client saw fail. */
  errors: number;
  inFlight: number;
  bufferedBytes: number;
  /** By a provider's configured name. */
  providers: ReadonlyMap<string, { attempts: number; errors: number }>;
}

/** Names of providers that get a label of their own; those beyond count as `other`. */
const PROVIDER_LIMIT = 1_000;
const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const KNOWN_SURFACES = new Set<string>(SURFACES);
const KNOWN_OUTCOMES = new Set<string>(OUTCOMES);
const KNOWN_ERRORS = new Set<string>(['none', ...USAGE_ERROR_CODES]);
const KNOWN_CLASSES = new Set<string>(USAGE_CLASSES);

/**
 * The gateway's metrics. Every label comes from a closed set, so that no text of a client or a provider can become one and
 * the number of series has a bound. Providers are told apart by their configured names.
 */
export function createGatewayMetrics(registry: Registry): { metrics: GatewayMetrics; totals: GatewayTotals } {
  const providers = new Map<string, { attempts: number; errors: number }>();
  const totals: GatewayTotals = { requests: 0, errors: 0, inFlight: 0, bufferedBytes: 0, providers };
  const requests = plainCounter(
    registry,
    'bonito_requests_total',
    'Requests of clients that ended, by the kind of request, the status that the client saw (0: none) and how it went.',
    ['surface', 'status', 'outcome'],
  );
  const requestSeconds = plainHistogram(
    registry,
    'bonito_request_duration_seconds',
    'From the arrival of a request until its end.',
    ['surface'],
    SECONDS,
  );
  const firstToken = plainHistogram(
    registry,
    'bonito_time_to_first_token_seconds',
    'From the arrival of a request until the client could see the first model event.',
    ['surface'],
    SECONDS,
  );
  const attempts = plainCounter(
    registry,
    'bonito_provider_attempts_total',
    'Calls to providers that ended, by how they went and why they failed.',
    ['provider', 'outcome', 'error_code'],
  );
  const attemptSeconds = plainHistogram(
    registry,
    'bonito_provider_attempt_duration_seconds',
    'From the start of a call to a provider until its end.',
    ['provider'],
    SECONDS,
  );
  const tokens = plainCounter(
    registry,
    'bonito_tokens_total',
    'Tokens, and what else is billed, by provider and class; the classes are disjoint.',
    ['provider', 'class'],
  );
  const dropped = plainCounter(
    registry,
    'bonito_dropped_fields_total',
    'Fields of requests that a provider could not take; the answer names them in x-bonito-dropped-params.',
    ['provider'],
  );

  const provider = (name: string): string => {
    if (providers.has(name)) return name;
    if (providers.size >= PROVIDER_LIMIT) return 'other';
    providers.set(name, { attempts: 0, errors: 0 });
    return name;
  };
  // Not by texts put together from several labels, which cost more than the looking up.
  const requestCounts = new Map<string, Map<string, Map<number, Count>>>();
  const attemptCounts = new Map<string, Map<string, Map<string, Count>>>();
  const droppedCounts = new Map<string, Count>();
  const tokenCounts = new Map<string, Map<string, Count>>();
  const requestTimes = new Map<string, Distribution>();
  const firstTokenTimes = new Map<string, Distribution>();
  const attemptTimes = new Map<string, Distribution>();

  const metrics: GatewayMetrics = {
    requestFinished(surface, status, outcome, seconds) {
      totals.requests++;
      if (outcome !== 'success' && outcome !== 'cancelled') totals.errors++;
      const byStatus = inside(inside(requestCounts, surface), outcome);
      found(byStatus, status, () =>
        requests.child([known(surface, KNOWN_SURFACES), statusLabel(status), known(outcome, KNOWN_OUTCOMES)]),
      ).value++;
      found(requestTimes, surface, () => requestSeconds.child([known(surface, KNOWN_SURFACES)])).observe(
        seconds,
      );
    },
    attemptFinished(providerName, outcome, errorCode, seconds) {
      const name = provider(providerName);
      const code = known(errorCode || 'none', KNOWN_ERRORS);
      const total = providers.get(name);
      if (total) {
        total.attempts++;
        if (outcome === 'error') total.errors++;
      }
      found(inside(inside(attemptCounts, name), outcome), code, () =>
        attempts.child([name, known(outcome, KNOWN_OUTCOMES), code]),
      ).value++;
      found(attemptTimes, name, () => attemptSeconds.child([name])).observe(seconds);
    },
    tokens(providerName, tokenClass, count) {
      const name = provider(providerName);
      const label = known(tokenClass, KNOWN_CLASSES);
      found(inside(tokenCounts, name), label, () => tokens.child([name, label])).value += count;
    },
    fieldsDropped(providerName, count) {
      const name = provider(providerName);
      found(droppedCounts, name, () => dropped.child([name])).value += count;
    },
    timeToFirstToken(surface: SurfaceName, seconds) {
      found(firstTokenTimes, surface, () => firstToken.child([known(surface, KNOWN_SURFACES)])).observe(
        seconds,
      );
    },
    bufferedBytes(delta) {
      totals.bufferedBytes += delta;
    },
    inFlight(delta) {
      totals.inFlight += delta;
    },
  };
  return { metrics, totals };
}

function known(value: string, values: ReadonlySet<string>): string {
  return values.has(value) ? value : 'other';
}

/** Statuses are three digits; anything else, such as no answer at all, is 0. */
function statusLabel(status: number): string {
  return Number.isInteger(status) && status >= 100 && status <= 599 ? String(status) : '0';
}

function inside<Key, Inner, Value>(outer: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  return found(outer, key, () => new Map<Inner, Value>());
}

function found<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
