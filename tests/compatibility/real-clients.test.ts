import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelName, PROVIDER_ROWS } from './provider-rows.ts';
import { type CompatibleAgent, startCompatibleAgent } from './start-compatible-agent.ts';

const parameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
  additionalProperties: false,
};
const functionTool = { type: 'function' as const, function: { name: 'get_weather', parameters } };
const PROMPT = 'What is the weather?';

let agent: CompatibleAgent;

beforeAll(async () => {
  agent = await startCompatibleAgent(['plain', 'tool', 'think,tool']);
});
afterAll(() => agent.close());

describe.each(PROVIDER_ROWS)('unmodified clients at $name', (row) => {
  it('openai: chat with tools, streamed', async () => {
    const client = new OpenAI({ baseURL: `${agent.url}/v1`, apiKey: agent.key, maxRetries: 0 });
    const model = modelName(row, 'tool');
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];
    const first = await client.chat.completions
      .stream({ model, messages, tools: [functionTool], stream_options: { include_usage: true } })
      .finalChatCompletion();
    const called = first.choices[0]?.message;
    const [call] = called?.tool_calls ?? [];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({ city: 'sample' });
    expect(first.usage?.total_tokens).toBeGreaterThan(0);
    if (!called || !call) return;
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, called, { role: 'tool', tool_call_id: call.id, content: '21 degrees' }],
      tools: [functionTool],
    });
    expect(second.choices[0]?.message.content).not.toBe('');
    expect(second.choices[0]?.finish_reason).toBe('stop');
  });

  it('openai: responses with tools, streamed', async () => {
    const client = new OpenAI({ baseURL: `${agent.url}/v1`, apiKey: agent.key, maxRetries: 0 });
    const model = modelName(row, 'think,tool');
    const tools = [{ type: 'function' as const, name: 'get_weather', parameters, strict: false }];
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: PROMPT }];
    const common = { model, tools, store: false, include: ['reasoning.encrypted_content' as const] };
    const first = await client.responses.stream({ ...common, input }).finalResponse();
    const call = first.output.find((item) => item.type === 'function_call');
    expect(call && JSON.parse(call.arguments)).toEqual({ city: 'sample' });
    if (!call) return;
    const output = { type: 'function_call_output' as const, call_id: call.call_id, output: '21 degrees' };
    const turn = first.output as OpenAI.Responses.ResponseInputItem[];
    const second = await client.responses.create({ ...common, input: [...input, ...turn, output] });
    expect(second.output_text).not.toBe('');
    expect(second.status).toBe('completed');
  });

  it('@anthropic-ai/sdk: messages with thinking and tools, streamed', async () => {
    const client = new Anthropic({ baseURL: agent.url, apiKey: agent.key, maxRetries: 0 });
    const common = {
      model: modelName(row, 'think,tool'),
      max_tokens: 4_096,
      thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
      tools: [{ name: 'get_weather', input_schema: parameters }],
    };
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: PROMPT }];
    const first = await client.messages.stream({ ...common, messages }).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(first.stop_reason).toBe('tool_use');
    expect(call?.input).toEqual({ city: 'sample' });
    expect(first.content.some((block) => block.type === 'thinking')).toBe(true);
    if (!call) return;
    const second = await client.messages.create({
      ...common,
      messages: [
        ...messages,
        { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: call.id, content: '21 degrees' }],
        },
      ],
    });
    expect(second.content.some((block) => block.type === 'text' && block.text !== '')).toBe(true);
  });

  it.each(['openai-compatible', 'anthropic'] as const)('ai with @ai-sdk/%s: steps of tools', async (kind) => {
    const id = modelName(row, 'tool');
    const model =
      kind === 'anthropic'
        ? createAnthropic({ baseURL: `${agent.url}/v1`, apiKey: agent.key })(id)
        : createOpenAICompatible({ name: 'bonito', baseURL: `${agent.url}/v1`, apiKey: agent.key })(id);
    const tools = {
      get_weather: tool({
        inputSchema: jsonSchema<{ city: string }>(parameters),
        execute: async ({ city }) => `21 degrees in ${city}`,
      }),
    };
    const options = { model, prompt: PROMPT, tools, stopWhen: stepCountIs(3), maxRetries: 0 };
    const whole = await generateText(options);
    expect(whole.steps).toHaveLength(2);
    expect(whole.text).not.toBe('');
    const streamed = streamText(options);
    let text = '';
    for await (const piece of streamed.textStream) text += piece;
    expect(text).toBe(whole.text);
    expect((await streamed.steps).map(({ toolCalls }) => toolCalls.length)).toEqual([1, 0]);
  });

  it('@langchain/openai: tools and their results', async () => {
    const client = new ChatOpenAI({
      model: modelName(row, 'tool'),
      apiKey: agent.key,
      maxRetries: 0,
      configuration: { baseURL: `${agent.url}/v1` },
    }).bindTools([functionTool]);
    const question = new HumanMessage(PROMPT);
    const called = await client.invoke([question]);
    const [call] = called.tool_calls ?? [];
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'sample' } });
    const result = new ToolMessage({ content: '21 degrees', tool_call_id: call?.id ?? '' });
    const said = await client.invoke([question, called, result]);
    expect(said.text).not.toBe('');
  });
});
