import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAdministration } from './answer-administration.ts';
import { answerModels } from './answer-models.ts';
import { type Attempt, type AttemptTotals, createAttemptLedger } from './attempt-ledger.ts';
import { chatCompletions } from './chat-completions.ts';
import { completions } from './completions.ts';
import { embeddings } from './embeddings.ts';
import { OpenAiError } from './openai-error.ts';
import { createBehaviourPlanner } from './plan-behaviour.ts';
import { bearerOf } from './read-bearer.ts';
import { readBody } from './read-body.ts';
import { type AttemptContext, type Surface, sendError, serveAttempt } from './serve-attempt.ts';
import { type Wait, waitByTimer } from './wait.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** The only bearer credential that is accepted; absent accepts all. */
  credential?: string | undefined;
  /** Answer 404 to models outside `sim/…` instead of treating them as plain. */
  strictModels?: boolean;
  /** Replaces the clock of slow answers, for tests. */
  wait?: Wait;
  /** Milliseconds since 1970, for `created`. */
  now?: () => number;
}

/** A running simulator. */
export interface Simulator {
  /** Without a path: `http://127.0.0.1:9000`. */
  url: string;
  attempts(): AttemptTotals;
  /** Kept attempts after a sequence number, oldest first. */
  listAttempts(after?: number): Attempt[];
  /** Resolves when no attempt runs, so that counts are final. */
  settled(): Promise<void>;
  /** Forgets counts and how often limited faults were applied. */
  reset(): void;
  /** Ends idle connections at once, running ones after half a second; then counts are final. */
  close(): Promise<void>;
}

const surfaces: Record<string, Surface> = {
  '/v1/chat/completions': chatCompletions,
  '/v1/completions': completions,
  '/v1/embeddings': embeddings,
};

const longestStopMilliseconds = 500;
const keepAliveMilliseconds = 75_000;
const connectionBacklog = 4096;

/** Starts a simulator. Rejects with node's own error when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', credential, strictModels = false } = options;
  const ledger = createAttemptLedger();
  const planner = createBehaviourPlanner(strictModels);
  const context: AttemptContext = {
    ledger,
    planner,
    wait: options.wait ?? waitByTimer,
    now: options.now ?? Date.now,
    isAllowed: (request) => credential === undefined || bearerOf(request) === credential,
  };
  const reset = () => {
    ledger.reset();
    planner.reset();
  };
  const server = createServer((request, response) => {
    response.setHeader('x-simulator', 'true');
    answer(context, reset, request, response).catch((error: unknown) => sendError(response, error));
  });
  server.keepAliveTimeout = keepAliveMilliseconds;
  server.requestTimeout = 0;
  await listen(server, port, host);
  return {
    url: urlOf(server, host),
    attempts: ledger.totals,
    listAttempts: (after = 0) => ledger.list(after, Number.POSITIVE_INFINITY),
    reset,
    close: async () => {
      await close(server);
      await ledger.settled();
    },
    settled: ledger.settled,
  };
}

async function answer(
  context: AttemptContext,
  reset: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
  const surface = Object.hasOwn(surfaces, pathname) ? surfaces[pathname] : undefined;
  if (surface && request.method === 'POST') {
    const body = await readBody(request);
    if (body) await serveAttempt(context, surface, request, response, body);
    return;
  }
  if (answerAdministration(context.ledger, reset, `${request.method} ${pathname}`, searchParams, response))
    return;
  if (request.method === 'GET' && /^\/v1\/models(\/|$)/.test(pathname)) {
    if (!context.isAllowed(request))
      throw new OpenAiError(401, 'Incorrect API key provided to the simulator.');
    answerModels(pathname, response);
    return;
  }
  throw new OpenAiError(404, `The simulator serves no ${request.method} ${pathname}.`, {
    code: 'unknown_url',
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: connectionBacklog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), longestStopMilliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
