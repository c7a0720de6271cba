import { type Deployment, ProtocolError, type Restriction, type Route } from '@bonito/protocol';
import type { Pause } from './compile-pause.ts';
import { missingProvider } from './compile-providers.ts';
import type { CompiledModel, CompiledProvider, CompiledTarget } from './snapshot.ts';

/** What clients can ask for, and the routes that keys can be bound to. */
export interface CompiledModels {
  readonly byName: ReadonlyMap<string, CompiledModel>;
  readonly routesById: ReadonlyMap<string, CompiledModel>;
}

/** What models are compiled from. */
export interface ModelSections {
  providers: ReadonlyMap<string, CompiledProvider>;
  deployments: readonly Deployment[];
  routes: readonly Route[];
  /** The organization's own restrictions: they hold for every model. */
  settings: readonly Restriction[];
}

/**
 * Compiles deployments and routes. A deployment whose provider is missing stays, unusable, so that one fault does not stop
 * the rest; what would make a name or an id mean two things, or a route lose a target unseen, refuses the snapshot.
 *
 * A provider's restrictions become part of its deployments' restrictions, and the organization's part of each model's, so
 * that a request is checked in two places only: its model and its target.
 *
 * @throws ProtocolError `section_inconsistent`
 */
export async function compileModels(sections: ModelSections, pause: Pause): Promise<CompiledModels> {
  const byName = new Map<string, CompiledModel>();
  const targets = new Map<string, CompiledTarget>();
  const routesById = new Map<string, CompiledModel>();
  for (const [index, deployment] of sections.deployments.entries()) {
    if (index % 16 === 0) await pause();
    if (targets.has(deployment.id)) throw inconsistent('deployments', index, 'id', 'stands there twice');
    if (byName.has(deployment.name)) throw inconsistent('deployments', index, 'name', 'is taken');
    const target = compileTarget(deployment, sections.providers);
    targets.set(deployment.id, target);
    byName.set(deployment.name, {
      id: deployment.id,
      name: deployment.name,
      kind: 'deployment',
      strategy: { type: 'failover' },
      targets: [target],
      restrictions: [...narrowTo(sections.settings, deployment.name), ...target.deployment.restrictions],
      strict: false,
      foreignState: 'shed',
    });
  }
  for (const [index, route] of sections.routes.entries()) {
    if (index % 16 === 0) await pause();
    if (routesById.has(route.id)) throw inconsistent('routes', index, 'id', 'stands there twice');
    if (byName.has(route.name)) throw inconsistent('routes', index, 'name', 'is taken');
    const compiled: CompiledModel = {
      id: route.id,
      name: route.name,
      kind: 'route',
      strategy: route.strategy,
      targets: route.targets.map(({ deployment_id }, position) => {
        const target = targets.get(deployment_id);
        if (target) return target;
        throw inconsistent('routes', index, `targets[${position}].deployment_id`, 'names no deployment');
      }),
      restrictions: [...narrowTo(sections.settings, route.name), ...route.restrictions],
      strict: route.strict ?? false,
      foreignState: route.foreign_state ?? 'shed',
    };
    routesById.set(route.id, compiled);
    byName.set(route.name, compiled);
  }
  return { byName, routesById };
}

function compileTarget(
  deployment: Deployment,
  providers: ReadonlyMap<string, CompiledProvider>,
): CompiledTarget {
  const provider = providers.get(deployment.provider_id) ?? missingProvider(deployment.provider_id);
  const inherited = provider.config.restrictions;
  const restrictions = [...inherited, ...deployment.restrictions];
  const restricted = restrictions.some((restriction) => restriction.type === 'unknown');
  return {
    deployment: inherited.length > 0 ? { ...deployment, restrictions } : deployment,
    provider,
    unusable: provider.unusable ?? (restricted ? 'restricted' : undefined),
  };
}

/**
 * The organization's restrictions as they bear on one model. An allow-list is decided here, by the model's own name,
 * since a bound key may ask for its route by any name. `max_offline` and unknown ones guard the whole snapshot instead.
 */
function narrowTo(settings: readonly Restriction[], name: string): Restriction[] {
  return settings.flatMap((restriction): Restriction[] => {
    if (restriction.type === 'expires') return [restriction];
    if (restriction.type === 'models' && !restriction.allow.includes(name))
      return [{ type: 'models', allow: [] }];
    return [];
  });
}

function inconsistent(section: string, index: number, field: string, what: string): ProtocolError {
  const path = `${section}[${index}].${field}`;
  return new ProtocolError('section_inconsistent', `${path} ${what}`, { section, path });
}
