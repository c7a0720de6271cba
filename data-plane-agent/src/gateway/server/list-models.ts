import { checkRestrictions } from '@bonito/protocol';
import { GatewayError } from '../errors/gateway-error.ts';
import { gatewayHeaders } from '../pipeline/answer-headers.ts';
import { authenticate } from '../pipeline/authenticate.ts';
import { factsOf, mayUse } from '../pipeline/authorize.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { Stage } from '../pipeline/run-pipeline.ts';
import type { CompiledModel } from '../snapshot/snapshot.ts';

/** `GET /v1/models`: the names that the key may use, in OpenAI's list shape. */
export const LIST_MODELS_STAGES: readonly Stage[] = [
  authenticate,
  (context) => answerJson(context, { object: 'list', data: usableModels(context).map(modelObject) }),
];

/** `GET /v1/models/{id}`: one of them. */
export function oneModelStages(name: string): readonly Stage[] {
  return [
    authenticate,
    (context) => {
      const model = usableModels(context).find((usable) => usable.name === name);
      if (!model) throw new GatewayError('model_not_found', { param: 'model' });
      context.requested = model;
      answerJson(context, modelObject(model));
    },
  ];
}

function usableModels(context: RequestContext): CompiledModel[] {
  const { principal, snapshot } = context;
  if (!principal) return [];
  const candidates = principal.boundRoute ? [principal.boundRoute] : [...snapshot.models.values()];
  return candidates.filter(
    (model) => mayUse(principal, model) && !checkRestrictions(model.restrictions, factsOf(context, model)),
  );
}

/** `created` is part of OpenAI's shape, but a configured name has no such moment. */
function modelObject(model: CompiledModel) {
  return { id: model.name, object: 'model', created: 0, owned_by: 'bonito' };
}

function answerJson(context: RequestContext, value: unknown): void {
  const headers = ['content-type', 'application/json', ...gatewayHeaders(context, undefined)];
  context.outcome = 'success';
  context.errorCode = null;
  context.answer.sendWhole(200, headers, Buffer.from(JSON.stringify(value)));
}
