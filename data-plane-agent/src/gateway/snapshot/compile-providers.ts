import { PROVIDER_KINDS, ProtocolError, type Provider } from '@bonito/protocol';
import type { CompiledProvider, Unusable } from './snapshot.ts';

/**
 * Compiles the providers, by id. One whose configuration did not change stays the same object, so that connection pools
 * that hang on it live on.
 *
 * @throws ProtocolError `section_inconsistent` for an id twice
 */
export function compileProviders(
  providers: readonly Provider[],
  previous: ReadonlyMap<string, CompiledProvider> | undefined,
): ReadonlyMap<string, CompiledProvider> {
  const compiled = new Map<string, CompiledProvider>();
  for (const [index, config] of providers.entries()) {
    if (compiled.has(config.id)) {
      const path = `providers[${index}].id`;
      throw new ProtocolError('section_inconsistent', `${path} stands there twice`, {
        section: 'providers',
        path,
      });
    }
    const before = previous?.get(config.id);
    const same = before && JSON.stringify(before.config) === JSON.stringify(config);
    compiled.set(config.id, same ? before : compileProvider(config));
  }
  return compiled;
}

/** Stands in for a provider that a deployment names and the snapshot does not hold. Never called. */
export function missingProvider(id: string): CompiledProvider {
  return {
    config: {
      id,
      name: 'missing',
      kind: 'missing',
      base_url: 'http://missing.invalid',
      credential: { from: 'none' },
      restrictions: [],
    },
    origin: 'http://missing.invalid',
    basePath: '',
    unusable: 'provider_missing',
  };
}

function compileProvider(config: Provider): CompiledProvider {
  const url = new URL(config.base_url);
  return {
    config,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    unusable: whyUnusable(config),
  };
}

function whyUnusable(config: Provider): Unusable | undefined {
  if (!(PROVIDER_KINDS as readonly string[]).includes(config.kind)) return 'provider_kind_unknown';
  if (config.credential.from === 'unknown') return 'credential_source_unknown';
  if (config.restrictions.some((restriction) => restriction.type === 'unknown')) return 'restricted';
  return undefined;
}
