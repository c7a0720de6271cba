import type { ProviderError } from '../../chat/provider-error.ts';
import { claudeDialect } from '../anthropic-compatible/claude-dialect.ts';
import { fitToHost, type HostLimits } from '../anthropic-compatible/fit-to-host.ts';
import { readError as readGoogleError } from '../gemini-compatible/read-error.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ChatDialect, ErrorAnswer, OperationDialect } from '../provider-kind.ts';
import { locationPath, modelPath } from './vertex-address.ts';

const VERSION = 'vertex-2023-10-16';

/** Betas that Vertex refuses, by their names without the date. Others go along as they are. */
const UNTAKEN_BETAS =
  /^(?:advanced-tool-use|advisor-tool|code-execution|effort|fast-mode|files-api|fine-grained-tool-streaming|mcp-client|oauth|output-128k|prompt-caching-scope|skills|structured-outputs|token-efficient-tools|tool-examples|web-fetch)-\d{4}/;

/** What Vertex takes of Anthropic's body (Anthropic, "Claude on Vertex AI", "Feature support"). */
const LIMITS: HostLimits = {
  takesBeta: (name) => !UNTAKEN_BETAS.test(name),
  untakenFields: ['container', 'inference_geo', 'mcp_servers', 'service_tier', 'speed'],
  untakenTools: /^(?:web_fetch|code_execution|advisor|mcp_toolset)/,
  streamsToolsByBeta: false,
};

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
    const fitted = fitToHost(body, undefined, LIMITS);
    const { anthropic_beta: _inHeader, ...kept } = { ...body, ...fitted.edits };
    const members = Object.entries(kept).filter(([, member]) => member !== undefined);
    const betas = fitted.betas.join(',');
    return {
      value: { anthropic_version: VERSION, ...Object.fromEntries(members) },
      dropped: [...dropped, ...fitted.dropped],
      ...(betas !== '' && { headers: ['anthropic-beta', betas] }),
    };
  },
  pass({ body, header }) {
    const fitted = fitToHost(body, header('anthropic-beta'), LIMITS);
    const edits: Record<string, unknown> = { ...fitted.edits };
    for (const name of ['model', 'anthropic_beta']) if (body[name] !== undefined) edits[name] = undefined;
    if (body.anthropic_version === undefined) edits.anthropic_version = VERSION;
    const betas = fitted.betas.join(',');
    return { edits, dropped: fitted.dropped, ...(betas !== '' && { headers: ['anthropic-beta', betas] }) };
  },
  readError,
};

/** Counting has a path of its own, with the model in the body; costs nothing. */
export const countClaudeTokens: OperationDialect = {
  write(body, target) {
    const { edits, betas, dropped } = fitToHost(body, undefined, LIMITS);
    const { anthropic_beta: _inHeader, ...asked } = { ...body, ...edits };
    const members = Object.entries(asked).filter(([, member]) => member !== undefined);
    return {
      value: { ...Object.fromEntries(members), model: target.deployment.upstream_model },
      dropped,
      path: `${locationPath(target)}/publishers/anthropic/models/count-tokens:rawPredict`,
      ...(betas.length > 0 && { headers: ['anthropic-beta', betas.join(',')] }),
    };
  },
  read(answer) {
    if (typeof answer.input_tokens !== 'number') throw new MalformedAnswerError('input_tokens');
    return { value: { input_tokens: answer.input_tokens }, usage: {} };
  },
  readError,
};
