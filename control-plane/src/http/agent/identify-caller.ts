import { idSchema, OLDEST_PROTOCOL_VERSION, PROTOCOL_HEADERS, PROTOCOL_VERSION } from '@bonito/protocol';
import type { AgentIdentity } from '../../services/fleet/authenticate-agent.ts';
import { AgentError } from './agent-error.ts';
import type { AgentCaller, AgentPlane } from './agent-plane.ts';

type ReadHeader = (name: string) => string | undefined;

/**
 * Reads who asks from a request's headers.
 *
 * @throws AgentError `protocol_unsupported`, `agent_token_invalid`, `instance_required`
 */
export async function identifyCaller(plane: AgentPlane, header: ReadHeader): Promise<AgentCaller> {
  const protocol = readProtocol(header(PROTOCOL_HEADERS.version));
  const identity = await identifyAgent(plane, header);
  const instance = idSchema.safeParse(header(PROTOCOL_HEADERS.instance));
  if (!instance.success) {
    throw new AgentError('instance_required', 'send the id of this process in the header "Bonito-Instance"');
  }
  return { identity, instance: instance.data, protocol };
}

/** @throws AgentError `agent_token_invalid` */
export async function identifyAgent(plane: AgentPlane, header: ReadHeader): Promise<AgentIdentity> {
  const identity = await plane.authenticator.identify(header('authorization'));
  if (identity) return identity;
  throw new AgentError(
    'agent_token_invalid',
    'send a live agent token: "Authorization: Bearer bt-…"; this one is absent, unknown or revoked',
  );
}

function readProtocol(value: string | undefined): number {
  const protocol = /^[1-9][0-9]{0,5}$/.test(value ?? '') ? Number(value) : 0;
  if (protocol >= OLDEST_PROTOCOL_VERSION) return Math.min(protocol, PROTOCOL_VERSION);
  throw new AgentError(
    'protocol_unsupported',
    `send the header "Bonito-Protocol" with a version from ${OLDEST_PROTOCOL_VERSION} on; this control plane speaks ${PROTOCOL_VERSION}`,
  );
}
