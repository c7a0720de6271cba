import type { CredentialReference } from '@bonito/protocol';
import type { Clock, SecretSource } from '../gateway/ports.ts';
import type { EnvironmentCredentials } from './environment.ts';
import type { FileCredentials } from './file.ts';

/** Where providers' credentials come from, and the timer that keeps them fresh. */
export interface Secrets extends SecretSource {
  stop(): void;
}

export interface SecretOptions {
  environment: EnvironmentCredentials;
  files: FileCredentials;
  clock: Pick<Clock, 'monotonic'>;
  /** How often files are read again without a reason, in milliseconds. */
  refreshMs?: number;
}

/** A credential that a provider refuses is read again at most this often, in milliseconds. */
const REFUSED_PAUSE_MS = 1_000;

/** Files are read on a timer and not watched, since a watch misses the swapped links of mounted secrets. */
export function createSecretSource({ environment, files, clock, refreshMs = 5_000 }: SecretOptions): Secrets {
  const refusedAt = new Map<string, number>();
  const timer = setInterval(() => {
    refusedAt.clear();
    files.reload();
  }, refreshMs);
  timer.unref();
  return {
    read(reference: CredentialReference): string | undefined {
      switch (reference.from) {
        case 'none':
          return '';
        case 'environment':
          return environment(reference.name);
        case 'file':
          return files.read(reference.name);
        default:
          return undefined;
      }
    },
    refused(reference) {
      if (reference.from !== 'file') return;
      const now = clock.monotonic();
      if (now - (refusedAt.get(reference.name) ?? Number.NEGATIVE_INFINITY) < REFUSED_PAUSE_MS) return;
      refusedAt.set(reference.name, now);
      files.reloadOne(reference.name);
    },
    stop: () => clearInterval(timer),
  };
}
