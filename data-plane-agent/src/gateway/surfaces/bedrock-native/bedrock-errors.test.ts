import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { GatewayErrorCode } from '../../errors/gateway-error-table.ts';
import { AwsEventSplitter } from '../../framing/aws-event-splitter.ts';
import { bedrockErrors } from './bedrock-errors.ts';

describe('errors of the gateway, as AWS says them', () => {
  it.each<[GatewayErrorCode, string]>([
    ['invalid_type', 'ValidationException'],
    ['invalid_api_key', 'UnrecognizedClientException'],
    ['model_not_found', 'ResourceNotFoundException'],
    ['internal_error', 'InternalServerException'],
  ])('%s', (code, type) => {
    const body = bedrockErrors.gateway(new GatewayError(code, { param: 'messages' }), 'r');
    expect(body).toMatchObject({ __type: type });
    expect(bedrockErrors.headers?.(body)).toEqual(['x-amzn-errortype', type]);
  });

  it('inside of a stream it is a message whose checksums are good', () => {
    const [frame] = new AwsEventSplitter().push(
      bedrockErrors.event({ __type: 'ThrottlingException', message: 'slow' }),
    );
    expect(frame).toMatchObject({ event: 'throttlingException', exception: true });
    expect(JSON.parse(String(frame?.data))).toEqual({ message: 'slow' });
  });
});
