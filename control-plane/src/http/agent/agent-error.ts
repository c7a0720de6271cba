import type { Problem } from '@bonito/protocol';
import { problemResponse } from '../problem.ts';

/** Refusals that only the agent endpoints know. */
const PROBLEMS = {
  protocol_unsupported: { status: 400, title: 'Protocol not supported' },
  instance_required: { status: 400, title: 'No instance named' },
  body_malformed: { status: 400, title: 'Malformed body' },
  body_too_large: { status: 413, title: 'Body too large' },
  agent_token_invalid: { status: 401, title: 'Not authenticated' },
  section_unknown: { status: 404, title: 'Section not found' },
  leases_not_served: { status: 404, title: 'Leases are not served' },
  ingest_overloaded: { status: 503, title: 'Overloaded' },
} as const;

/** An error that an agent is answered with as a problem (RFC 9457). */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: keyof typeof PROBLEMS;

  constructor(code: keyof typeof PROBLEMS, message: string) {
    super(message);
    this.code = code;
  }
}

/** Any error as an answer; one that was not expected shows nothing of itself. */
export function agentErrorResponse(error: unknown, requestId: string): Response {
  if (!(error instanceof AgentError)) return problemResponse(error, requestId);
  const { status, title } = PROBLEMS[error.code];
  const problem: Problem = {
    type: `urn:bonito:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="bonito"';
  if (status === 503) headers['retry-after'] = '1';
  return new Response(JSON.stringify(problem), { status, headers });
}
