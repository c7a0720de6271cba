import { checkRestrictions, type Denial, type RequestFacts } from '@bonito/protocol';
import { GatewayError, type GatewayErrorOptions } from '../errors/gateway-error.ts';
import type { GatewayErrorCode } from '../errors/gateway-error-table.ts';
import type { CompiledModel, Principal } from '../snapshot/snapshot.ts';
import type { RequestContext } from './request-context.ts';

const DENIALS: Readonly<Record<Denial, GatewayErrorCode>> = {
  model_not_allowed: 'model_not_allowed',
  expired: 'no_usable_target',
  offline_too_long: 'offline_too_long',
  unknown_restriction: 'no_usable_target',
};
const NAMED: GatewayErrorOptions = { param: 'model' };

/**
 * Decides whether the key may use what it asks for. A key that is bound to a route uses that route, whatever it names. A
 * name that exists but is not allowed is answered 403, so that people know whom to ask; whoever holds a key of the
 * organization may know its model names.
 */
export function authorize(context: RequestContext): void {
  const { parsed, principal, snapshot } = context;
  if (!parsed || !principal) throw new GatewayError('internal_error');
  context.requested = snapshot.models.get(parsed.model);
  const model = principal.boundRoute ?? context.requested;
  if (!model) throw new GatewayError('model_not_found', NAMED);
  if (!mayUse(principal, model)) throw new GatewayError('model_not_allowed', NAMED);
  context.model = model;
  if (model.restrictions.length === 0) return;
  const denial = checkRestrictions(model.restrictions, factsOf(context, model));
  if (denial) throw new GatewayError(DENIALS[denial], NAMED);
}

/** Whether the key's allow-lists hold the model's name. */
export function mayUse(principal: Principal, model: CompiledModel): boolean {
  return principal.allowedModels === undefined || principal.allowedModels.has(model.name);
}

/** What restrictions on models, deployments and providers are decided on. */
export function factsOf(context: RequestContext, model: CompiledModel): RequestFacts {
  return {
    model: model.name,
    now: context.arrivedAt,
    offlineSeconds: context.services.config.offlineSeconds(),
  };
}
