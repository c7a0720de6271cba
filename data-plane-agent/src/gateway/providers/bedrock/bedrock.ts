import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { ChatDialect, Credential, PassDialect, ProviderKind } from '../provider-kind.ts';
import { claudeOnBedrock } from './claude-on-bedrock.ts';
import { converseDialect } from './converse/converse-dialect.ts';
import { invokeDialect } from './invoke/invoke-dialect.ts';
import { operationDialect } from './invoke/operations.ts';
import { openAiOnBedrock } from './openai-on-bedrock.ts';
import { sign } from './sign.ts';

/** What a deployment's `wire` may name. */
const CHAT: Readonly<Partial<Record<string, ChatDialect>>> = {
  'bedrock-converse': converseDialect,
  'anthropic-messages': claudeOnBedrock,
  'openai-chat': openAiOnBedrock,
};

/** What the AWS SDK speaks works for every model, whatever the gateway itself would rather speak to it. */
const NATIVE: readonly PassDialect[] = [converseDialect, invokeDialect];

/** Amazon Bedrock's runtime. Claude is spoken to in its own body, since Converse cannot carry all of it. */
export const bedrock: ProviderKind = {
  chat({ deployment }) {
    if (deployment.wire !== undefined) return CHAT[deployment.wire];
    return deployment.family.toLowerCase() === 'claude' ? claudeOnBedrock : converseDialect;
  },
  passes: () => NATIVE,
  operation: operationDialect,
  authorize(call, credential, target, now) {
    if (credential.type === 'aws') {
      return sign(call, credential, { region: regionOf(target), service: 'bedrock' }, now);
    }
    const token = bearer(credential);
    return token === undefined ? [] : ['authorization', `Bearer ${token}`];
  },
};

/** A Bedrock API key is a bearer token too. */
function bearer(credential: Exclude<Credential, { type: 'aws' }>): string | undefined {
  switch (credential.type) {
    case 'none':
      return undefined;
    case 'secret':
      return credential.value;
    case 'bearer':
      return credential.token;
  }
}

/** The configured region; else the one in AWS's own host name, `bedrock-runtime.eu-west-1.amazonaws.com`. */
function regionOf({ provider }: CompiledTarget): string {
  if (provider.config.region !== undefined) return provider.config.region;
  return (
    /bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\./.exec(provider.origin)?.[1] ??
    'us-east-1'
  );
}
