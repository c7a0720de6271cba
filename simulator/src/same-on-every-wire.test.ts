import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRecord, type JsonObject } from './json-value.ts';
import { type Simulator, startSimulator } from './start-simulator.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

/** What an answer says, without the words of its wire. */
interface Said {
  text: string;
  reasoning: string;
  calls: unknown[];
  input: unknown;
  output: unknown;
}

interface Case {
  path: (scenario: string) => string;
  body: (scenario: string, prompt: string, system: string) => JsonObject;
  read: (answer: JsonObject) => Said;
}

const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } };
const tool = { name: 'get_weather', parameters: schema };
const functionTool = { type: 'function', function: tool };

function chatMessages(prompt: string, system: string) {
  return [
    { role: 'system', content: system },
    { role: 'user', content: prompt },
  ];
}

/** All records under the lists of a path. */
function listAt(value: unknown, ...path: string[]): JsonObject[] {
  const found = path.reduce<unknown>((at, name) => {
    const inside = Array.isArray(at) ? at[0] : at;
    return isRecord(inside) ? inside[name] : undefined;
  }, value);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

function recordAt(value: unknown, name: string): JsonObject {
  const found = isRecord(value) ? value[name] : undefined;
  return isRecord(found) ? found : {};
}

const join = (values: unknown[]) => values.filter((value) => typeof value === 'string').join('');
const parse = (json: unknown) => JSON.parse(String(json)) as unknown;

function claudeBody(prompt: string, system: string): JsonObject {
  const tools = [{ name: tool.name, input_schema: schema }];
  return { max_tokens: 3000, system, messages: [{ role: 'user', content: prompt }], tools };
}

function readClaude(answer: JsonObject): Said {
  const blocks = listAt(answer, 'content');
  const usage = recordAt(answer, 'usage');
  return {
    text: join(blocks.map(({ text }) => text)),
    reasoning: join(blocks.map(({ thinking }) => thinking)),
    calls: blocks.filter(({ type }) => type === 'tool_use').map(({ name, input }) => [name, input]),
    input: usage.input_tokens,
    output: usage.output_tokens,
  };
}

function readChat(answer: JsonObject): Said {
  const message = recordAt(listAt(answer, 'choices')[0], 'message');
  const usage = recordAt(answer, 'usage');
  return {
    text: String(message.content ?? ''),
    reasoning: String(message.reasoning_content ?? ''),
    calls: listAt(message, 'tool_calls').map((call) => {
      const made = recordAt(call, 'function');
      return [made.name, parse(made.arguments)];
    }),
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
  };
}

function geminiBody(prompt: string, system: string): JsonObject {
  return {
    systemInstruction: { parts: [{ text: system }] },
    contents: [{ role: 'user', parts: [{ text: prompt }] }],
    tools: [{ functionDeclarations: [{ name: tool.name, parametersJsonSchema: schema }] }],
  };
}

function readGemini(answer: JsonObject): Said {
  const parts = listAt(answer, 'candidates', 'content', 'parts');
  const usage = recordAt(answer, 'usageMetadata');
  const calls = parts
    .filter(({ functionCall }) => functionCall)
    .map((part) => recordAt(part, 'functionCall'));
  return {
    text: join(parts.filter(({ thought }) => !thought).map(({ text }) => text)),
    reasoning: join(parts.filter(({ thought }) => thought).map(({ text }) => text)),
    calls: calls.map(({ name, args }) => [name, args]),
    input: usage.promptTokenCount,
    output: Number(usage.candidatesTokenCount) + Number(usage.thoughtsTokenCount ?? 0),
  };
}

const cases: Record<string, Case> = {
  chat: {
    path: () => '/v1/chat/completions',
    body: (scenario, prompt, system) => ({
      model: `sim/${scenario}`,
      messages: chatMessages(prompt, system),
      tools: [functionTool],
    }),
    read: readChat,
  },
  azure: {
    path: (scenario) => `/openai/deployments/sim.${scenario}/chat/completions?api-version=2024-10-21`,
    body: (_scenario, prompt, system) => ({ messages: chatMessages(prompt, system), tools: [functionTool] }),
    read: readChat,
  },
  responses: {
    path: () => '/v1/responses',
    body: (scenario, prompt, system) => ({
      model: `sim/${scenario}`,
      instructions: system,
      input: prompt,
      // Its thoughts are shown to those who ask, which is asking for them.
      ...(/think/.test(scenario + prompt) && { reasoning: { summary: 'auto' } }),
      tools: [{ type: 'function', ...tool }],
    }),
    read(answer) {
      const items = listAt(answer, 'output');
      const usage = recordAt(answer, 'usage');
      return {
        text: join(items.flatMap((item) => listAt(item, 'content').map(({ text }) => text))),
        reasoning: join(items.flatMap((item) => listAt(item, 'summary').map(({ text }) => text))),
        calls: items
          .filter(({ type }) => type === 'function_call')
          .map((item) => [item.name, parse(item.arguments)]),
        input: usage.input_tokens,
        output: usage.output_tokens,
      };
    },
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (scenario, prompt, system) => ({ model: `sim/${scenario}`, ...claudeBody(prompt, system) }),
    read: readClaude,
  },
  'bedrock converse': {
    path: (scenario) => `/model/us.anthropic.sim.${scenario}/converse`,
    body: (_scenario, prompt, system) => ({
      system: [{ text: system }],
      messages: [{ role: 'user', content: [{ text: prompt }] }],
      toolConfig: { tools: [{ toolSpec: { name: tool.name, inputSchema: { json: schema } } }] },
    }),
    read(answer) {
      const blocks = listAt(answer, 'output', 'message', 'content');
      const usage = recordAt(answer, 'usage');
      const calls = blocks.filter(({ toolUse }) => toolUse).map((block) => recordAt(block, 'toolUse'));
      return {
        text: join(blocks.map(({ text }) => text)),
        reasoning: join(
          blocks.map((block) => recordAt(recordAt(block, 'reasoningContent'), 'reasoningText').text),
        ),
        calls: calls.map(({ name, input }) => [name, input]),
        input: usage.inputTokens,
        output: usage.outputTokens,
      };
    },
  },
  'bedrock invoke': {
    path: (scenario) => `/model/anthropic.sim.${scenario}/invoke`,
    body: (_scenario, prompt, system) => ({
      anthropic_version: 'bedrock-2023-05-31',
      ...claudeBody(prompt, system),
    }),
    read: readClaude,
  },
  gemini: {
    path: (scenario) => `/v1beta/models/sim.${scenario}:generateContent`,
    body: (_scenario, prompt, system) => geminiBody(prompt, system),
    read: readGemini,
  },
  vertex: {
    path: (scenario) =>
      `/v1/projects/p/locations/global/publishers/google/models/sim.${scenario}:generateContent`,
    body: (_scenario, prompt, system) => geminiBody(prompt, system),
    read: readGemini,
  },
  cohere: {
    path: () => '/v2/chat',
    body: (scenario, prompt, system) => ({
      model: `sim/${scenario}`,
      messages: chatMessages(prompt, system),
      tools: [functionTool],
    }),
    read(answer) {
      const message = recordAt(answer, 'message');
      const blocks = listAt(message, 'content');
      const usage = recordAt(recordAt(answer, 'usage'), 'tokens');
      return {
        text: join(blocks.map(({ text }) => text)) || String(message.tool_plan ?? ''),
        reasoning: join(blocks.map(({ thinking }) => thinking)),
        calls: readChat({ choices: [{ message }] }).calls,
        input: usage.input_tokens,
        output: usage.output_tokens,
      };
    },
  },
};

async function ask(
  name: string,
  { path, body, read }: Case,
  scenario: string,
  prompt: string,
  change: JsonObject = {},
): Promise<Said> {
  const key = simulator.credentials.apiKey;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (name === 'anthropic') Object.assign(headers, { 'x-api-key': key, 'anthropic-version': '2023-06-01' });
  else if (name === 'gemini') headers['x-goog-api-key'] = key;
  else headers.authorization = `Bearer ${key}`;
  const url = simulator.url + path(scenario);
  const sent = JSON.stringify({ ...body(scenario, prompt, 'Be brief.'), ...change });
  const response = await fetch(url, { method: 'POST', headers, body: sent });
  expect(response.status, name).toBe(200);
  return read((await response.json()) as JsonObject);
}

it.each([
  ['plain', 'Tell me of stones.'],
  ['think', 'Tell me of stones.'],
  ['tool', 'Tell me of stones.'],
  ['think,parallel,preface', 'Tell me of stones.'],
  ['plain', 'What is the weather?'],
  ['words-40', 'Tell me of stones.'],
  ['plain', 'Tell me of stones. [sim/think,tool]'],
  ['usage-100-20', 'Tell me of stones.'],
])('%s: "%s"', async (scenario, prompt) => {
  const answers: Record<string, Said> = {};
  for (const [name, wire] of Object.entries(cases)) answers[name] = await ask(name, wire, scenario, prompt);
  const expected = answers.chat;
  expect(expected?.output).toBeGreaterThan(0);
  expect(answers).toEqual(Object.fromEntries(Object.keys(cases).map((name) => [name, expected])));
});

const dot = Buffer.from('not really a picture').toString('base64');
const dataUrl = `data:image/png;base64,${dot}`;
const chatParts = [
  { type: 'text', text: 'What is this?' },
  { type: 'image_url', image_url: { url: dataUrl } },
];
const claudeParts = [
  { type: 'text', text: 'What is this?' },
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: dot } },
];

it.each([
  ['chat', { messages: [{ role: 'user', content: chatParts }] }],
  ['azure', { messages: [{ role: 'user', content: chatParts }] }],
  ['responses', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: dataUrl }] }] }],
  ['anthropic', { messages: [{ role: 'user', content: claudeParts }] }],
  [
    'bedrock converse',
    { messages: [{ role: 'user', content: [{ image: { format: 'png', source: { bytes: dot } } }] }] },
  ],
  ['bedrock invoke', { messages: [{ role: 'user', content: claudeParts }] }],
  ['gemini', { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: dot } }] }] }],
  ['cohere', { messages: [{ role: 'user', content: chatParts }] }],
])('says on %s how large a picture arrived', async (name, change) => {
  const wire = cases[name];
  if (!wire) throw new Error(name);
  const { text } = await ask(name, wire, 'image-seen', '', change);
  expect(text).toBe('Seen: image/png of 20 bytes.');
});
