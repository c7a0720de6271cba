import type { Simulator } from '@bonito/simulator';

/** One way to a model: a provider's kind, and the family that decides its wire where there are several. */
export interface ProviderRow {
  readonly name: string;
  readonly kind: string;
  readonly family: string;
  /** Below the simulator's address. */
  readonly basePath: string;
  /** Further lines of the provider's YAML, in flow form. */
  readonly more?: Readonly<Record<string, string>>;
  readonly credential: 'key' | 'aws';
  readonly wire?: string;
}

/** Every chat provider that the gateway calls. */
export const PROVIDER_ROWS: readonly ProviderRow[] = [
  { name: 'openai', kind: 'openai', family: 'gpt', basePath: '/v1', credential: 'key' },
  {
    name: 'openai-compatible',
    kind: 'openai-compatible',
    family: 'llama',
    basePath: '/v1',
    credential: 'key',
  },
  {
    name: 'openai-responses',
    kind: 'openai',
    family: 'gpt',
    basePath: '/v1',
    credential: 'key',
    wire: 'openai-responses',
  },
  { name: 'azure-openai', kind: 'azure-openai', family: 'gpt', basePath: '', credential: 'key' },
  {
    name: 'azure-responses',
    kind: 'azure-openai',
    family: 'gpt',
    basePath: '',
    credential: 'key',
    wire: 'openai-responses',
  },
  { name: 'azure-foundry-claude', kind: 'azure-openai', family: 'claude', basePath: '', credential: 'key' },
  { name: 'anthropic', kind: 'anthropic', family: 'claude', basePath: '', credential: 'key' },
  {
    name: 'bedrock-claude',
    kind: 'bedrock',
    family: 'claude',
    basePath: '',
    credential: 'aws',
    more: { region: 'eu-central-1' },
  },
  {
    name: 'bedrock-converse',
    kind: 'bedrock',
    family: 'claude',
    basePath: '',
    credential: 'aws',
    wire: 'bedrock-converse',
    more: { region: 'eu-central-1' },
  },
  // The same wire for every family that it takes something else of.
  ...['nova', 'llama', 'mistral', 'deepseek', 'gpt-oss', 'qwen', 'command', 'titan'].map((family) => ({
    name: `bedrock-${family}`,
    kind: 'bedrock',
    family,
    basePath: '',
    credential: 'aws' as const,
    more: { region: 'eu-central-1' },
  })),
  {
    name: 'bedrock-openai',
    kind: 'bedrock',
    family: 'gpt-oss',
    basePath: '',
    credential: 'aws',
    wire: 'openai-chat',
    more: { region: 'eu-central-1' },
  },
  { name: 'gemini', kind: 'gemini', family: 'gemini', basePath: '', credential: 'key' },
  {
    name: 'vertex-gemini',
    kind: 'vertex',
    family: 'gemini',
    basePath: '',
    credential: 'key',
    more: { region: 'global', project: 'simulator-project' },
  },
  {
    name: 'vertex-claude',
    kind: 'vertex',
    family: 'claude',
    basePath: '',
    credential: 'key',
    more: { region: 'global', project: 'simulator-project' },
  },
  {
    name: 'vertex-openai',
    kind: 'vertex',
    family: 'llama',
    basePath: '',
    credential: 'key',
    more: { region: 'us-east5', project: 'simulator-project' },
  },
  {
    name: 'vertex-mistral',
    kind: 'vertex',
    family: 'mistral',
    basePath: '',
    credential: 'key',
    more: { region: 'us-east5', project: 'simulator-project' },
  },
  { name: 'cohere', kind: 'cohere', family: 'command', basePath: '', credential: 'key' },
];

/** A model's name for clients: `bedrock-claude.think`. */
export function modelName(row: ProviderRow, scenario: string): string {
  return `${row.name}.${scenario.replaceAll(',', '_')}`;
}

/** The agent's file for all rows and scenarios at one simulator. */
export function compatibilityFile(
  simulator: Simulator,
  rows: readonly ProviderRow[],
  scenarios: readonly string[],
  keyHash: string,
  routes: readonly string[] = [],
): string {
  const providers = rows.map((row) => {
    const more = Object.entries(row.more ?? {}).map(([name, value]) => `, ${name}: ${value}`);
    const credential =
      row.credential === 'aws'
        ? '{ from: aws, source: static, secret: { from: environment, name: BONITO_CREDENTIAL_AWS } }'
        : '{ from: environment, name: SIMULATOR_API_KEY }';
    return `  - { name: ${row.name}, kind: ${row.kind}, base_url: "${simulator.url}${row.basePath}", retries: 0, credential: ${credential}${more.join('')} }`;
  });
  const models = rows.flatMap((row) =>
    scenarios.map((scenario) => {
      // The simulated Bedrock has what differs from family to family by this name.
      const upstream = `us.${row.kind === 'bedrock' ? row.family : 'vendor'}.sim.${scenario}`;
      const wire = row.wire === undefined ? '' : `, wire: ${row.wire}`;
      return `  - { name: "${modelName(row, scenario)}", provider: ${row.name}, upstream_model: "${upstream}", family: ${row.family}${wire}, price: { input: "1", output: "2" } }`;
    }),
  );
  return `listen: 127.0.0.1:0
admin: 127.0.0.1:0
providers:
${providers.join('\n')}
models:
${models.join('\n')}
routes: ${routes.length === 0 ? '[]' : `\n${routes.map((line) => `  - ${line}`).join('\n')}`}
keys:
  - { name: test, sha256: ${keyHash} }
`;
}

/** What the agent's process needs to reach the simulator. */
export function credentialEnvironment({ credentials }: Simulator): Record<string, string> {
  const { apiKey, awsAccessKeyId, awsSecretAccessKey } = credentials;
  return {
    SIMULATOR_API_KEY: apiKey,
    BONITO_CREDENTIAL_AWS: JSON.stringify({
      access_key_id: awsAccessKeyId,
      secret_access_key: awsSecretAccessKey,
    }),
  };
}
