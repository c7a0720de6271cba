import { fitToHost } from '../../anthropic-compatible/fit-to-host.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { OperationDialect } from '../../provider-kind.ts';
import { foundationModel, modelPathOf } from '../model-path.ts';
import { readError } from '../read-error.ts';
import { bedrockLimits } from './claude-betas.ts';

/**
 * Bedrock's CountTokens for Claude, with Anthropic's own body inside of it. InvokeModel's body has members that a count
 * request lacks.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html
 */
export const countClaudeTokens: OperationDialect = {
  write(body, { deployment }) {
    const model = foundationModel(deployment.upstream_model);
    const { edits, betas, dropped } = fitToHost(body, undefined, bedrockLimits(model));
    const { model: _model, stream: _stream, anthropic_beta: _betas, ...asked } = { ...body, ...edits };
    const inner = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 1,
      ...(betas.length > 0 && { anthropic_beta: betas }),
      ...asked,
    };
    return {
      value: { input: { invokeModel: { body: Buffer.from(JSON.stringify(inner)).toString('base64') } } },
      dropped,
      path: modelPathOf(model, 'count-tokens'),
    };
  },
  read(answer) {
    if (typeof answer.inputTokens !== 'number') throw new MalformedAnswerError('inputTokens');
    // Counting costs nothing.
    return { value: { input_tokens: answer.inputTokens }, usage: {} };
  },
  readError,
};
