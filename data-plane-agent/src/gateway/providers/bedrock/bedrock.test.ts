import { describe, expect, it } from 'vitest';
import { bedrock } from './bedrock.ts';
import { bedrockTarget } from './fixtures/bedrock-target.ts';

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc';

describe('chat', () => {
  it.each([
    ['claude', undefined, 'anthropic-messages', '/model/m%3A0/invoke'],
    ['Claude', undefined, 'anthropic-messages', '/model/m%3A0/invoke'],
    ['claude', 'bedrock-converse', 'bedrock-converse', '/model/m%3A0/converse'],
    ['nova', undefined, 'bedrock-converse', '/model/m%3A0/converse'],
    ['gpt-oss', undefined, 'bedrock-converse', '/model/m%3A0/converse'],
    ['gpt-oss', 'openai-chat', 'openai-chat', '/openai/v1/chat/completions'],
  ])('speaks to %s (wire %s) by %s', (family, wire, expected, path) => {
    const target = bedrockTarget(family, 'm:0', wire);
    const dialect = bedrock.chat(target);
    expect(dialect?.wire).toBe(expected);
    expect(dialect?.address(target, false).path).toBe(path);
  });

  it('has none for a wire that Bedrock does not speak', () => {
    expect(bedrock.chat(bedrockTarget('claude', 'm', 'gemini-content'))).toBeUndefined();
  });

  it.each([
    ['claude', true, 'invoke-with-response-stream'],
    ['nova', true, 'converse-stream'],
    ['nova', false, 'converse'],
  ])('keeps an ARN one segment of the path (%s, %s)', (family, stream, operation) => {
    const target = bedrockTarget(family, ARN);
    expect(bedrock.chat(target)?.address(target, stream).path).toBe(
      `/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc/${operation}`,
    );
  });
});

describe('the AWS SDK', () => {
  it('gets its own wires passed on untouched, for every family', () => {
    for (const family of ['claude', 'nova']) {
      const target = bedrockTarget(family);
      const passes = bedrock.passes(target);
      expect(passes.map(({ wire }) => wire)).toEqual(['bedrock-converse', 'bedrock-invoke']);
      for (const pass of passes) {
        const { edits, dropped } = pass.pass(
          { body: { messages: [] }, header: () => undefined, stream: true },
          target,
        );
        expect([edits, dropped]).toEqual([{}, []]);
      }
    }
  });
});

describe('authorization', () => {
  const call = {
    method: 'POST',
    origin: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    path: '/model/m/converse',
    headers: ['content-type', 'application/json'],
    body: Buffer.from('{}'),
  };
  const now = Date.parse('2026-02-03T04:05:06Z');
  const aws = { type: 'aws', accessKeyId: 'AKID', secretAccessKey: 's', skewMs: 3_600_000 } as const;

  it('signs with AWS credentials, by AWS time', () => {
    const headers = bedrock.authorize(call, aws, bedrockTarget('nova'), now);
    expect(headers).toContain('20260203T050506Z');
    expect(headers.at(-1)).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260203\/us-east-1\/bedrock\/aws4_request, /,
    );
  });

  it('takes the region from the host where none is configured', () => {
    const target = bedrockTarget('nova');
    const { region: _region, ...config } = target.provider.config;
    const origin = 'https://bedrock-runtime.ap-south-1.amazonaws.com';
    const elsewhere = { ...target, provider: { ...target.provider, config, origin } };
    expect(bedrock.authorize(call, aws, elsewhere, now).at(-1)).toContain('/ap-south-1/bedrock/');
  });

  it.each([
    [{ type: 'secret', value: 'k' }, ['authorization', 'Bearer k']],
    [{ type: 'bearer', token: 't' }, ['authorization', 'Bearer t']],
    [{ type: 'none' }, []],
  ] as const)('sends %j as it is', (credential, expected) => {
    expect(bedrock.authorize(call, credential, bedrockTarget('nova'), now)).toEqual(expected);
  });
});
