import { formatTimestamp } from '@bonito/protocol';
import type { ConfigSource } from './gateway/ports.ts';
import type { SpoolStatus } from './spool/start-spool.ts';
import type { AgentNumbers } from './sync/heartbeat.ts';
import type { GatewayTotals } from './telemetry/gateway-metrics.ts';

/** What a heartbeat says of the agent's work: configured ids and numbers. */
export function createAgentNumbers(parts: {
  totals: GatewayTotals;
  spool(): SpoolStatus;
  config(): ConfigSource | undefined;
}): AgentNumbers {
  return {
    spool: () => {
      const { bytes, records, oldestAt, collapsed } = parts.spool();
      return { bytes, records, oldest_at: oldestAt === null ? null : formatTimestamp(oldestAt), collapsed };
    },
    requests: () => ({
      total: parts.totals.requests,
      errors: parts.totals.errors,
      in_flight: parts.totals.inFlight,
    }),
    providers: () => {
      const configured = parts.config()?.snapshot?.providers.values() ?? [];
      return Array.from(configured, ({ config }) => ({
        provider_id: config.id,
        ...(parts.totals.providers.get(config.name) ?? { attempts: 0, errors: 0 }),
      }));
    },
  };
}
