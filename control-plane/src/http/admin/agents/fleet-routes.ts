import { idSchema } from '@bonito/protocol';
import { z } from 'zod';
import { createAgentCommand, getAgentCommand } from '../../../services/fleet/agent-commands.ts';
import { agentSchema, commandViewSchema, newCommandSchema } from '../../../services/fleet/fleet.schemas.ts';
import { listAgents } from '../../../services/fleet/list-agents.ts';
import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { defineRoute, type RouteDefinition } from '../../define-route.ts';

const TAG = 'Agents';
const instancePath = z.object({ id: idSchema, instance: idSchema });

/** The fleet: which agents there are, how they are, and what they are asked. */
export const fleetRoutes: readonly RouteDefinition[] = [
  defineRoute({
    method: 'get',
    path: '/api/orgs/{id}/agents',
    tag: TAG,
    summary: 'List agents',
    description:
      'Every agent process that sent a heartbeat within the last 30 days: what it runs, which configuration it serves or why it refused one, and what it has not delivered yet.',
    params: z.object({ id: idSchema }),
    query: pageQuerySchema,
    answer: pageSchema(agentSchema),
    run: (context, { query }) => listAgents(context, query),
  }),
  defineRoute({
    method: 'post',
    path: '/api/orgs/{id}/agents/{instance}/commands',
    tag: TAG,
    summary: 'Ask something of an agent',
    description:
      'Validate a provider with the credential that only the agent has, list its models, or report everything now.',
    params: instancePath,
    body: newCommandSchema,
    status: 201,
    answer: commandViewSchema,
    run: (context, { params, body }) =>
      createAgentCommand(context, { instance: params.instance, command: body }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/orgs/{id}/agents/{instance}/commands/{command}',
    tag: TAG,
    summary: 'Read how a command went',
    params: instancePath.extend({ command: idSchema }),
    answer: commandViewSchema,
    run: (context, { params }) => getAgentCommand(context, { instance: params.instance, id: params.command }),
  }),
];
