import { describe, expect, it } from 'vitest';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import type { ChatDialect } from '../../provider-kind.ts';
import { bedrockTarget } from '../fixtures/bedrock-target.ts';
import { chatRequest } from '../fixtures/chat-request.ts';
import { claudeByInvoke } from './claude-by-invoke.ts';

/** Anthropic's wire, as far as it matters here. */
const claude: ChatDialect = {
  wire: 'anthropic-messages',
  framing: 'sse',
  takesMediaUrls: true,
  takesChoices: false,
  address: () => ({ path: '/v1/messages', headers: ['anthropic-version', '2023-06-01'] }),
  pass: () => ({ edits: {}, dropped: [] }),
  readUsage: () => undefined,
  passMeter: () => ({ concerns: () => true, frame: () => 'data', mayClose: false, figures: undefined }),
  readError: () => ({ kind: 'provider_error', message: '' }),
  writeRequest: () => ({
    value: {
      model: 'm',
      max_tokens: 5,
      messages: [],
      stream: true,
      service_tier: 'auto',
      anthropic_beta: ['context-1m-2025-08-07', 'oauth-2025-04-20'],
    },
    dropped: ['seed'],
  }),
  readAnswer: () => ({ id: '', model: '', created: 0, choices: [] }),
  eventReader: () => ({
    read: ({ event, data }) => [
      { type: 'other', original: { wire: 'anthropic-messages', value: [event, data.toString()] } },
    ],
    end: () => [{ type: 'end' }],
  }),
};
const dialect = claudeByInvoke(claude);
const target = bedrockTarget('claude', 'us.anthropic.claude-x-v1:0');

function edits(body: Record<string, unknown>, headers: Record<string, string> = {}) {
  return dialect.pass({ body, header: (name) => headers[name], stream: true }, target);
}

it('says model, stream and version where Bedrock wants them', () => {
  expect(dialect.address(target, true)).toEqual({
    path: '/model/us.anthropic.claude-x-v1%3A0/invoke-with-response-stream',
  });
  expect(dialect.address(target, false).path).toBe('/model/us.anthropic.claude-x-v1%3A0/invoke');
  expect(dialect.writeRequest(chatRequest({}), target)).toEqual({
    value: {
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['context-1m-2025-08-07'],
      max_tokens: 5,
      messages: [],
    },
    dropped: ['seed', 'anthropic_beta.oauth-2025-04-20', 'service_tier'],
  });
});

describe("a client's own body", () => {
  it('is changed only where Bedrock needs it', () => {
    const given = edits({ model: 'm', stream: true, messages: [], thinking: {} });
    expect(given).toEqual({
      edits: { anthropic_version: 'bedrock-2023-05-31', model: undefined, stream: undefined },
      dropped: [],
      headers: [],
    });
    expect(Object.keys(given.edits)).toContain('model');
  });

  it('keeps or loses betas with their members, and says so', () => {
    const body = { anthropic_beta: ['effort-2025-11-24'], mcp_servers: [], context_management: {} };
    const headers = {
      'anthropic-beta': 'mcp-client-2025-04-04, context-management-2025-06-27,effort-2025-11-24',
    };
    expect(edits(body, headers)).toEqual({
      edits: {
        anthropic_version: 'bedrock-2023-05-31',
        anthropic_beta: ['effort-2025-11-24', 'context-management-2025-06-27'],
        mcp_servers: undefined,
      },
      dropped: ['anthropic_beta.mcp-client-2025-04-04', 'mcp_servers'],
      headers: [],
    });
    expect(edits({ anthropic_beta: ['x'] }).edits).toMatchObject({ anthropic_beta: undefined });
  });

  it('takes the headers of the operation along', () => {
    const headers = { 'x-amzn-bedrock-guardrailidentifier': 'g' };
    expect(edits({}, headers).headers).toEqual(['x-amzn-bedrock-guardrailidentifier', 'g']);
  });
});

describe('a stream', () => {
  const chunk = (json: string): StreamFrame => ({
    event: 'chunk',
    exception: false,
    data: Buffer.from(JSON.stringify({ bytes: Buffer.from(json).toString('base64'), p: 'ab' })),
  });

  it("is read by Anthropic's own reader", () => {
    const reader = dialect.eventReader();
    const json = '{"type":"message_stop"}';
    expect(reader.read(chunk(json))).toEqual([
      { type: 'other', original: { wire: 'anthropic-messages', value: ['message_stop', json] } },
    ]);
    expect(reader.read({ event: 'initial-response', exception: false, data: Buffer.alloc(0) })).toEqual([]);
    expect(reader.end()).toEqual([{ type: 'end' }]);
  });

  it("fails by Bedrock's exceptions", () => {
    const data = Buffer.from('{"message":"slow"}');
    expect(dialect.eventReader().read({ event: 'throttlingException', exception: true, data })).toEqual([
      {
        type: 'error',
        error: { kind: 'rate_limited', message: 'slow', code: 'throttlingException' },
        original: { wire: 'anthropic-messages', value: { throttlingException: '{"message":"slow"}' } },
      },
    ]);
  });
});
