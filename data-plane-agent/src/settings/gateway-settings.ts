import { DEFAULT_GATEWAY_SETTINGS, type GatewaySettings } from '../gateway/server/gateway-settings.ts';
import type { Settings } from './setting-table.ts';

/** The part of the settings that the gateway works with. */
export function toGatewaySettings(settings: Settings): GatewaySettings {
  return {
    ...DEFAULT_GATEWAY_SETTINGS,
    bodyLimitBytes: settings.bodyLimit,
    bufferBudgetBytes: settings.bufferBudget,
    keepAliveCommentMs: settings.keepAliveComment,
    firstByteMs: settings.firstByteTimeout,
    idleMs: settings.idleTimeout,
    totalMs: settings.totalTimeout,
    retries: settings.retries,
  };
}
