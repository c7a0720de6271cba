import {
  type Command,
  type CommandAnswer,
  formatTimestamp,
  type ModelsDiscoveredRecord,
} from '@bonito/protocol';
import type { ConfigSource, Random } from '../gateway/ports.ts';
import { type ListSurroundings, listProviderModels } from './list-provider-models.ts';

/** What commands need of the rest of the agent. */
export interface CommandOptions extends ListSurroundings {
  config: ConfigSource;
  random: Pick<Random, 'id'>;
  /** Sends a record up, through the spool. */
  record(record: ModelsDiscoveredRecord): void;
  /** Sends everything that the spool holds, now. */
  flush(): void;
}

/** Carries out one command of the control plane. Never throws. */
export async function runCommand(command: Command, options: CommandOptions): Promise<CommandAnswer> {
  const { id } = command;
  if (command.type === 'unknown') return { id, result: 'unsupported' };
  if (command.type === 'report_all') {
    options.flush();
    return { id, result: 'done' };
  }
  const provider = options.config.snapshot?.providers.get(command.provider_id);
  if (!provider) return { id, result: 'failed', error_code: 'provider_unknown' };
  if (provider.unusable) return { id, result: 'unsupported' };
  const found = await listProviderModels(provider, options);
  if ('failure' in found) return { id, result: 'failed', ...found.failure };
  if (command.type === 'discover_models') {
    options.record({
      kind: 'models_discovered',
      id: options.random.id(),
      occurred_at: formatTimestamp(options.clock.now()),
      provider_id: command.provider_id,
      models: found.models,
    });
  }
  return { id, result: 'done' };
}
