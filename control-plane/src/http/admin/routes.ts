import type { RouteDefinition } from '../define-route.ts';
import { createAdminTokenRoute } from './admin-tokens/create-admin-token.ts';
import { deleteAdminTokenRoute } from './admin-tokens/delete-admin-token.ts';
import { listAdminTokensRoute } from './admin-tokens/list-admin-tokens.ts';
import { readAdminTokenRoute } from './admin-tokens/read-admin-token.ts';
import { updateAdminTokenRoute } from './admin-tokens/update-admin-token.ts';
import { createAgentTokenRoute } from './agent-tokens/create-agent-token.ts';
import { deleteAgentTokenRoute } from './agent-tokens/delete-agent-token.ts';
import { listAgentTokensRoute } from './agent-tokens/list-agent-tokens.ts';
import { readAgentTokenRoute } from './agent-tokens/read-agent-token.ts';
import { revokePreviousAgentTokenRoute } from './agent-tokens/revoke-previous-agent-token.ts';
import { rotateAgentTokenRoute } from './agent-tokens/rotate-agent-token.ts';
import { updateAgentTokenRoute } from './agent-tokens/update-agent-token.ts';
import { fleetRoutes } from './agents/fleet-routes.ts';
import { listAuditLogRoute } from './audit-log/list-audit-log.ts';
import { listCatalogModelsRoute } from './catalog/list-catalog-models.ts';
import { createDeploymentRoute } from './deployments/create-deployment.ts';
import { deleteDeploymentRoute } from './deployments/delete-deployment.ts';
import { listDeploymentsRoute } from './deployments/list-deployments.ts';
import { readDeploymentRoute } from './deployments/read-deployment.ts';
import { updateDeploymentRoute } from './deployments/update-deployment.ts';
import { createKeyRoute } from './keys/create-key.ts';
import { deleteKeyRoute } from './keys/delete-key.ts';
import { listKeysRoute } from './keys/list-keys.ts';
import { readKeyRoute } from './keys/read-key.ts';
import { revokePreviousKeySecretRoute } from './keys/revoke-previous-key-secret.ts';
import { rotateKeyRoute } from './keys/rotate-key.ts';
import { updateKeyRoute } from './keys/update-key.ts';
import { logRoutes } from './logs/log-routes.ts';
import { createOrganizationRoute } from './organizations/create-organization.ts';
import { deleteOrganizationRoute } from './organizations/delete-organization.ts';
import { listOrganizationsRoute } from './organizations/list-organizations.ts';
import { readOrganizationRoute } from './organizations/read-organization.ts';
import { updateOrganizationRoute } from './organizations/update-organization.ts';
import { createProviderRoute } from './providers/create-provider.ts';
import { deleteProviderRoute } from './providers/delete-provider.ts';
import { discoveryRoutes } from './providers/discovery-routes.ts';
import { listProvidersRoute } from './providers/list-providers.ts';
import { readProviderRoute } from './providers/read-provider.ts';
import { updateProviderRoute } from './providers/update-provider.ts';
import { createRouteRoute } from './routes/create-route.ts';
import { deleteRouteRoute } from './routes/delete-route.ts';
import { listRoutesRoute } from './routes/list-routes.ts';
import { readRouteRoute } from './routes/read-route.ts';
import { updateRouteRoute } from './routes/update-route.ts';
import { usageRoutes } from './usage/usage-routes.ts';

/** Every route of the admin API. What is not in this list is not served, not documented and not tested. */
export const adminRoutes: readonly RouteDefinition[] = [
  createOrganizationRoute,
  listOrganizationsRoute,
  readOrganizationRoute,
  updateOrganizationRoute,
  deleteOrganizationRoute,
  createProviderRoute,
  listProvidersRoute,
  readProviderRoute,
  updateProviderRoute,
  deleteProviderRoute,
  createDeploymentRoute,
  listDeploymentsRoute,
  readDeploymentRoute,
  updateDeploymentRoute,
  deleteDeploymentRoute,
  createRouteRoute,
  listRoutesRoute,
  readRouteRoute,
  updateRouteRoute,
  deleteRouteRoute,
  createKeyRoute,
  listKeysRoute,
  readKeyRoute,
  updateKeyRoute,
  deleteKeyRoute,
  rotateKeyRoute,
  revokePreviousKeySecretRoute,
  createAgentTokenRoute,
  listAgentTokensRoute,
  readAgentTokenRoute,
  updateAgentTokenRoute,
  deleteAgentTokenRoute,
  createAdminTokenRoute,
  listAdminTokensRoute,
  readAdminTokenRoute,
  updateAdminTokenRoute,
  deleteAdminTokenRoute,
  rotateAgentTokenRoute,
  revokePreviousAgentTokenRoute,
  listAuditLogRoute,
  listCatalogModelsRoute,
  ...discoveryRoutes,
  ...fleetRoutes,
  ...usageRoutes,
  ...logRoutes,
];
