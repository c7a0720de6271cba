import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { ConfigSource } from '../gateway/ports.ts';
import type { GatewayTotals } from './gateway-metrics.ts';

/** What the spool holds. */
export interface SpoolFigures {
  bytes: number;
  /** Records that were not acknowledged yet. */
  records: number;
  /** Milliseconds since 1970; null when there is none. */
  oldestAt: number | null;
  /** Records whose detail was collapsed into totals since the start. */
  collapsed: number;
}

export interface AgentMetricsOptions {
  version: string;
  config: ConfigSource;
  totals: GatewayTotals;
  spool(): SpoolFigures;
  now(): number;
}

/** Figures of the whole process: what is applied, how long without the control plane, what waits to be sent. */
export function registerAgentMetrics(registry: Registry, options: AgentMetricsOptions): void {
  collectDefaultMetrics({ register: registry });
  const { config, totals, spool } = options;
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  new Gauge({
    name: 'bonito_build_info',
    help: "The agent's version; always 1.",
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: options.version }, 1);
  gauge('bonito_config_epoch', 'Epoch of the configuration that is served; 0 when there is none.', () => {
    return config.snapshot?.version.epoch ?? 0;
  });
  gauge('bonito_config_revision', 'Revision of the configuration that is served.', () => {
    return config.snapshot?.version.revision ?? 0;
  });
  gauge('bonito_config_ready', '1 when a valid configuration is served.', () => (config.snapshot ? 1 : 0));
  gauge(
    'bonito_control_plane_offline_seconds',
    'Since the control plane last answered; 0 in standalone use.',
    () => finite(config.offlineSeconds()),
  );
  gauge('bonito_requests_in_flight', 'Requests being served.', () => totals.inFlight);
  gauge('bonito_buffered_bytes', 'Bytes of bodies held in memory.', () => totals.bufferedBytes);
  gauge('bonito_spool_bytes', 'Disk used by usage that was not sent yet.', () => spool().bytes);
  gauge(
    'bonito_spool_records',
    'Usage records that the control plane has not acknowledged yet.',
    () => spool().records,
  );
  gauge('bonito_spool_oldest_seconds', 'Age of the oldest such record; 0 when there is none.', () => {
    const { oldestAt } = spool();
    return oldestAt === null ? 0 : Math.max(0, (options.now() - oldestAt) / 1_000);
  });
  new Counter({
    name: 'bonito_spool_collapsed_records_total',
    help: 'Records whose detail was collapsed into totals because the disk limit was reached.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(spool().collapsed);
    },
  });
}

/** Seconds since a start that never heard of the control plane may be infinite, which alerts cannot work with. */
function finite(seconds: number): number {
  return Number.isFinite(seconds) ? seconds : Number.MAX_SAFE_INTEGER;
}
