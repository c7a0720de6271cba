import type { ProviderError } from '../../chat/provider-error.ts';
import { claudeDialect } from '../anthropic-compatible/claude-dialect.ts';
import { readError as readGoogleError } from '../gemini-compatible/read-error.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ChatDialect, ErrorAnswer, OperationDialect } from '../provider-kind.ts';
import { locationPath, modelPath } from './vertex-address.ts';

const VERSION = 'vertex-2023-10-16';

const messages = claudeDialect({
  address: (target, stream) => ({
    path: modelPath(target, 'anthropic', stream ? 'streamRawPredict' : 'rawPredict'),
  }),
});

/** Errors are Anthropic's own where the model refuses, and Google's where the call does not reach it. */
function readError(answer: ErrorAnswer): ProviderError {
  const google = /"(?:code|status)"\s*:\s*(?:\d{3}\b|"[A-Z_]{4,}")/.test(answer.body.toString('utf8'));
  return google ? readGoogleError(answer) : messages.readError(answer);
}

/**
 * Claude by `:rawPredict`: Anthropic's body with the version inside of it and the model in the path.
 *
 * @see https://docs.claude.com/en/api/claude-on-vertex-ai
 */
export const claudeOnVertex: ChatDialect = {
  ...messages,
  // Vertex fetches no addresses for Claude.
  takesMediaUrls: false,
  foreignErrors: true,
  writeRequest(request, target) {
    const { value, dropped } = messages.writeRequest(request, target);
    const { model: _inPath, ...body } = value;
    return { value: { anthropic_version: VERSION, ...body }, dropped };
  },
  pass({ body, header }) {
    const beta = header('anthropic-beta');
    const edits: Record<string, unknown> = {};
    if (body.model !== undefined) edits.model = undefined;
    if (body.anthropic_version === undefined) edits.anthropic_version = VERSION;
    return { edits, dropped: [], ...(beta !== undefined && { headers: ['anthropic-beta', beta] }) };
  },
  readError,
};

/** Counting has a path of its own, with the model in the body; costs nothing. */
export const countClaudeTokens: OperationDialect = {
  write: (body, target) => ({
    value: { ...body, model: target.deployment.upstream_model },
    dropped: [],
    path: `${locationPath(target)}/publishers/anthropic/models/count-tokens:rawPredict`,
  }),
  read(answer) {
    if (typeof answer.input_tokens !== 'number') throw new MalformedAnswerError('input_tokens');
    return { value: { input_tokens: answer.input_tokens }, usage: {} };
  },
  readError,
};
