import { LIST_PERMISSIONS, VALIDATION_REASONS } from '@bonito/protocol';
import type { CommandView } from '../fleet/fleet.schemas.ts';
import type { ServiceContext } from '../service-context.ts';
import { askAnAgent } from './ask-an-agent.ts';
import type { ProviderValidation, ValidationStatus } from './discovery.schemas.ts';

const SENTENCES: Readonly<Record<ValidationStatus, string>> = {
  ok: 'The provider took the credential.',
  pending: 'The agent has not answered yet. Read the command in a moment.',
  not_applied: 'The agent does not have this provider yet. Try again in a moment.',
  unsupported: 'The agent cannot use this provider. Upgrade it, or change the kind or the credential.',
  not_configured:
    'The credential is not configured completely, or names a variable, a file or a role that is not there.',
  malformed: 'A secret or an answer is not in the form that it should have.',
  refused: 'The identity or the key is not accepted. Check it.',
  expired: 'The credential has expired. Renew it where it comes from.',
  permission_missing: 'The identity is known and may not do this. Grant it the permission.',
  wrong_region: 'The region is not switched on for the account, or is not one. Name another one.',
  unreachable: 'Nothing answers. Check the address, the network, the proxy and the certificates.',
  host_not_allowed:
    "A token of the agent's own identity may not be sent to that host. List it in BONITO_CREDENTIAL_HOSTS.",
  model_list_refused:
    'The credential is there, and the provider did not give its list of models. Check the address, the project and the API version.',
};

/** What an older agent's error says, as far as that goes. */
const BY_ERROR_CODE: Readonly<Record<string, ValidationStatus>> = {
  provider_unknown: 'not_applied',
  credential_unavailable: 'not_configured',
  authentication_failed: 'refused',
  provider_unreachable: 'unreachable',
  provider_error: 'model_list_refused',
};

/**
 * Has an agent check a provider with the credential that only agents have.
 *
 * @throws ServiceError `not_found`, or `conflict` when no agent is online
 */
export async function validateProvider(
  context: ServiceContext,
  id: string,
  waitSeconds: number,
): Promise<ProviderValidation> {
  return presentValidation(
    await askAnAgent(context, { type: 'validate_provider', providerId: id, waitSeconds }),
  );
}

/** Has an agent list a provider's models; the list comes by the agent's records, shortly after the answer. */
export async function discoverModels(
  context: ServiceContext,
  id: string,
  waitSeconds: number,
): Promise<ProviderValidation> {
  return presentValidation(
    await askAnAgent(context, { type: 'discover_models', providerId: id, waitSeconds }),
  );
}

function presentValidation(command: CommandView): ProviderValidation {
  const status = statusOf(command);
  return {
    status,
    permission: LIST_PERMISSIONS.find((permission) => permission === command.permission) ?? null,
    message: SENTENCES[status],
    instance: command.instance,
    command_id: command.id,
    answered_at: command.answered_at,
  };
}

function statusOf({ answered_at, result, reason, error_code }: CommandView): ValidationStatus {
  if (answered_at === null) return 'pending';
  if (result === 'done') return 'ok';
  if (result === 'unsupported') return 'unsupported';
  return (
    VALIDATION_REASONS.find((known) => known === reason) ??
    BY_ERROR_CODE[error_code ?? ''] ??
    'model_list_refused'
  );
}
