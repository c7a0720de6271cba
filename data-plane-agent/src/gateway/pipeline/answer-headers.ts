import type { CompiledProvider, CompiledTarget, Snapshot } from '../snapshot/snapshot.ts';
import type { RequestContext } from './request-context.ts';

const providerLabels = new WeakMap<CompiledProvider, string>();
const revisionLabels = new WeakMap<Snapshot, string>();

/** The headers that tell a client what the gateway did: names and values by turns. */
export function gatewayHeaders(context: RequestContext, target: CompiledTarget | undefined): string[] {
  const headers = ['x-bonito-revision', revisionLabel(context.snapshot)];
  if (target) {
    headers.push(
      'x-bonito-model',
      target.deployment.name,
      'x-bonito-provider',
      providerLabel(target.provider),
      'x-bonito-attempts',
      // The attempt under way is not in the list yet.
      String(context.attempts.length + 1),
    );
  }
  return headers;
}

function revisionLabel(snapshot: Snapshot): string {
  const known = revisionLabels.get(snapshot);
  if (known !== undefined) return known;
  const label = `${snapshot.version.epoch}.${snapshot.version.revision}`;
  revisionLabels.set(snapshot, label);
  return label;
}

/** A provider's name as a header may hold it: people may name providers in any script. */
function providerLabel(provider: CompiledProvider): string {
  const known = providerLabels.get(provider);
  if (known !== undefined) return known;
  const { name } = provider.config;
  const label = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(name) ? name : encodeURIComponent(name);
  providerLabels.set(provider, label);
  return label;
}
