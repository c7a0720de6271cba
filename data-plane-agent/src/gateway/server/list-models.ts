import { checkRestrictions } from '@bonito/protocol';
import { GatewayError } from '../errors/gateway-error.ts';
import { gatewayHeaders } from '../pipeline/answer-headers.ts';
import { authenticate } from '../pipeline/authenticate.ts';
import { factsOf, mayUse } from '../pipeline/authorize.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { Stage } from '../pipeline/run-pipeline.ts';
import type { CompiledModel } from '../snapshot/snapshot.ts';

/** `GET /v1/models`: the names that the key may use, in OpenAI's list shape, or in Anthropic's for its clients. */
export const LIST_MODELS_STAGES: readonly Stage[] = [
  authenticate,
  (context) => {
    const models = usableModels(context);
    answerJson(
      context,
      isAnthropicClient(context) ? anthropicList(models) : { object: 'list', data: models.map(modelObject) },
    );
  },
];

/** `GET /v1/models/{id}`: one of them. */
export function oneModelStages(name: string): readonly Stage[] {
  return [
    authenticate,
    (context) => {
      const model = usableModels(context).find((usable) => usable.name === name);
      if (!model) throw new GatewayError('model_not_found', { param: 'model' });
      context.requested = model;
      answerJson(context, isAnthropicClient(context) ? anthropicModel(model) : modelObject(model));
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

function isAnthropicClient({ incoming }: RequestContext): boolean {
  return incoming.headers['anthropic-version'] !== undefined;
}

/** Everything on one page. */
function anthropicList(models: readonly CompiledModel[]) {
  const data = models.map(anthropicModel);
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

function anthropicModel(model: CompiledModel) {
  return { type: 'model', id: model.name, display_name: model.name, created_at: '1970-01-01T00:00:00Z' };
}

function answerJson(context: RequestContext, value: unknown): void {
  const headers = ['content-type', 'application/json', ...gatewayHeaders(context, undefined)];
  context.outcome = 'success';
  context.errorCode = null;
  context.answer.sendWhole(200, headers, Buffer.from(JSON.stringify(value)));
}
