import { getUsage } from '../../../services/usage/get-usage.ts';
import { usageAnswerSchema, usageQuerySchema } from '../../../services/usage/usage.schemas.ts';
import { defineRoute, type RouteDefinition } from '../../define-route.ts';

/** What was used and what it cost. */
export const usageRoutes: readonly RouteDefinition[] = [
  defineRoute({
    method: 'get',
    path: '/api/gateway/usage',
    tag: 'Usage',
    summary: 'Sum usage',
    description:
      'Requests, tokens and cost from hourly totals, by day, model, key or provider, or several of them. A request counts once, at the model that answered it or was tried last; attempts, tokens and cost count at the model and provider of each attempt.',
    query: usageQuerySchema,
    answer: usageAnswerSchema,
    run: (context, { query }) => getUsage(context, query),
  }),
];
