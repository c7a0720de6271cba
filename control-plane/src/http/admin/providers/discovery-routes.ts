import { deploymentResourceSchema } from '../../../services/deployments/deployments.schemas.ts';
import { deployModel } from '../../../services/discovery/deploy-model.ts';
import {
  deployModelSchema,
  discoveredModelSchema,
  modelParamsSchema,
  validationSchema,
  waitSchema,
} from '../../../services/discovery/discovery.schemas.ts';
import { listDiscoveredModels } from '../../../services/discovery/list-discovered-models.ts';
import { discoverModels, validateProvider } from '../../../services/discovery/validate-provider.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { pageSchema } from '../../../services/lists/page.ts';
import { textPageQuerySchema } from '../../../services/lists/text-page.ts';
import { defineRoute, type RouteDefinition } from '../../define-route.ts';

const TAG = 'Providers';

/** What an agent finds out about a provider, and what comes of it. */
export const discoveryRoutes: readonly RouteDefinition[] = [
  defineRoute({
    method: 'post',
    path: '/api/providers/{id}/validate',
    tag: TAG,
    summary: 'Check a provider and its credential',
    description:
      'Asks an agent, since only agents have the credential: it fetches the credential anew and lists the models.',
    params: idParamsSchema,
    body: waitSchema,
    answer: validationSchema,
    run: (context, { params, body }) => validateProvider(context, params.id, body.wait_seconds),
  }),
  defineRoute({
    method: 'post',
    path: '/api/providers/{id}/discover',
    tag: TAG,
    summary: 'Have an agent list a provider’s models',
    description:
      'The list itself is read under `/api/providers/{id}/models`, where it arrives shortly after.',
    params: idParamsSchema,
    body: waitSchema,
    answer: validationSchema,
    run: (context, { params, body }) => discoverModels(context, params.id, body.wait_seconds),
  }),
  defineRoute({
    method: 'get',
    path: '/api/providers/{id}/models',
    tag: TAG,
    summary: 'List the models that a provider offers',
    description: 'As an agent found them last; empty before one was asked.',
    params: idParamsSchema,
    query: textPageQuerySchema,
    answer: pageSchema(discoveredModelSchema),
    run: (context, { params, query }) => listDiscoveredModels(context, params.id, query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/providers/{id}/models/{model}/deployment',
    tag: TAG,
    summary: 'Make a deployment of a model that was found',
    description: 'Slashes in the model’s name are written `%2F`.',
    params: modelParamsSchema,
    body: deployModelSchema,
    status: 201,
    answer: deploymentResourceSchema,
    run: (context, { params, body }) =>
      deployModel(context, { providerId: params.id, model: params.model }, body),
  }),
];
