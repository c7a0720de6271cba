/** The import rules of the house. `npm run check` fails on any breach. */
const not = (path) => ({ pathNot: path });

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'protocol-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^shared-protocol/src' },
      to: { path: '^(data-plane-agent|control-plane|simulator|quickstart|tests|bench)/' },
    },
    {
      name: 'protocol-uses-only-zod-and-jose',
      severity: 'error',
      from: { path: '^shared-protocol/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm'], pathNot: 'node_modules/(zod|jose)/' },
    },
    {
      name: 'agent-imports-only-the-protocol',
      severity: 'error',
      from: { path: '^data-plane-agent/src', pathNot: '\\.test\\.ts$' },
      to: { path: '^(control-plane|simulator|quickstart|tests|bench)/' },
    },
    {
      name: 'control-plane-imports-only-the-protocol',
      severity: 'error',
      from: { path: '^control-plane/src', pathNot: '\\.test\\.ts$' },
      to: { path: '^(data-plane-agent|simulator|quickstart|tests|bench)/' },
    },
    {
      name: 'gateway-reaches-the-outside-through-ports',
      severity: 'error',
      from: { path: '^data-plane-agent/src/gateway', pathNot: '\\.test\\.ts$' },
      to: { path: '^data-plane-agent/src/(sync|spool|secrets|admin)/' },
    },
    {
      name: 'providers-do-not-know-each-other',
      severity: 'error',
      from: { path: '^data-plane-agent/src/gateway/providers/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^data-plane-agent/src/gateway/providers/([^/]+)/',
        pathNot: '^data-plane-agent/src/gateway/providers/($1|(openai|anthropic|gemini)-compatible)/',
      },
    },
    {
      name: 'routes-and-jobs-stay-thin',
      severity: 'error',
      from: { path: '^control-plane/src/(http|jobs)/', pathNot: '\\.test\\.ts$' },
      to: { path: '(\\.queries\\.ts$|^node_modules/kysely/)' },
    },
    {
      name: 'quickstart-and-simulator-import-no-plane',
      severity: 'error',
      from: { path: '^(quickstart|simulator)/' },
      to: { path: '^(data-plane-agent|control-plane|tests|bench)/' },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: { path: '/src/', ...not('\\.test\\.ts$') },
      to: { path: '\\.test\\.ts$' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|work)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
};
