import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAnthropicModels, findAnthropicOperation } from './anthropic/anthropic-operations.ts';
import { anthropicWire } from './anthropic/anthropic-wire.ts';
import { findAzureOperation } from './azure/azure-operations.ts';
import { answerBedrockModels, isBedrockModelList } from './bedrock/answer-model-lists.ts';
import { findBedrockOperation } from './bedrock/bedrock-operations.ts';
import { bedrockWire } from './bedrock/bedrock-wire.ts';
import { answerCohereModels, isCohereModelList } from './cohere/answer-model-list.ts';
import { findCohereOperation } from './cohere/cohere-operations.ts';
import { cohereWire } from './cohere/cohere-wire.ts';
import { answerTokenRequests } from './credentials/answer-token-requests.ts';
import { createAuthority, type SimulatorCredentials } from './credentials/authority.ts';
import { createGoogleAccount, type GoogleAccount } from './credentials/google-account.ts';
import { createBehaviourPlanner } from './faults/plan-behaviour.ts';
import { answerGoogleModels, googleModelList } from './gemini/answer-model-lists.ts';
import { findGeminiOperation } from './gemini/gemini-operations.ts';
import { geminiWire, vertexWire } from './gemini/google-wires.ts';
import { createPromptCache } from './model/prompt-cache.ts';
import { createStateSigner } from './model/state-signer.ts';
import { answerModels } from './openai/answer-models.ts';
import { OpenAiError } from './openai/openai-error.ts';
import { findOpenAiOperation } from './openai/openai-operations.ts';
import { openAiWire } from './openai/openai-wire.ts';
import { answerAdministration } from './serving/answer-administration.ts';
import { type Attempt, type AttemptTotals, createAttemptLedger } from './serving/attempt-ledger.ts';
import { readBody } from './serving/read-body.ts';
import { type AttemptContext, sendError, serveAttempt } from './serving/serve-attempt.ts';
import { type Wait, waitByTimer } from './serving/wait.ts';
import type { FindOperation, Operation, Wire } from './serving/wire.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /**
   * The only API key that is accepted. Absent: the published one, and on OpenAI's own paths any.
   */
  credential?: string | undefined;
  /** Replace the published credentials. */
  credentials?: Partial<SimulatorCredentials>;
  /** Answer 404 to models outside `sim/…` instead of treating them as plain. */
  strictModels?: boolean;
  /** Signs reasoning; simulators with different secrets refuse each other's. */
  stateSecret?: string;
  /** Replaces the clock of slow answers, for tests. */
  wait?: Wait;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** A running simulator. */
export interface Simulator {
  /** Without a path: `http://127.0.0.1:9000`. */
  url: string;
  /** What it accepts on all wires. */
  credentials: SimulatorCredentials;
  /** The key file of its Google service account. */
  googleServiceAccountKey(): Record<string, string>;
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

const finders: readonly FindOperation[] = [
  findOpenAiOperation,
  findAnthropicOperation,
  findBedrockOperation,
  findGeminiOperation,
  findAzureOperation,
  findCohereOperation,
];

const longestStopMilliseconds = 500;
const keepAliveMilliseconds = 75_000;
const connectionBacklog = 4096;

/** Starts a simulator. Rejects with node's own error when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', credential, strictModels = false } = options;
  const ledger = createAttemptLedger();
  const planner = createBehaviourPlanner(strictModels);
  const now = options.now ?? Date.now;
  const authority = createAuthority(credential, options.credentials ?? {}, now);
  const google = createGoogleAccount(authority.credentials);
  const context: AttemptContext = {
    ledger,
    planner,
    authority,
    cache: createPromptCache(now),
    signer: createStateSigner(options.stateSecret ?? 'simulator'),
    remembered: new Map(),
    wait: options.wait ?? waitByTimer,
    now,
  };
  const reset = () => {
    ledger.reset();
    planner.reset();
    context.cache.reset();
  };
  const server = createServer((request, response) => {
    response.setHeader('x-simulator', 'true');
    if (options.now) response.setHeader('date', new Date(now()).toUTCString());
    answer(context, google, reset, request, response).catch((error: unknown) =>
      sendError(response, openAiWire, error),
    );
  });
  server.keepAliveTimeout = keepAliveMilliseconds;
  server.requestTimeout = 0;
  await listen(server, port, host);
  return {
    url: urlOf(server, host),
    credentials: authority.credentials,
    googleServiceAccountKey: () => google.key(urlOf(server, host)),
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
  google: GoogleAccount,
  reset: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const { pathname, searchParams } = url;
  const operation = request.method === 'POST' ? findOperation(url) : undefined;
  if (operation) {
    const bytes = await readBody(request);
    if (bytes) await serveAttempt(context, operation, { request, url, bytes }, response);
    return;
  }
  if (await answerTokenRequests(context.authority, google, request, url, response)) return;
  if (answerAdministration(context.ledger, reset, `${request.method} ${pathname}`, searchParams, response))
    return;
  const list = request.method === 'GET' ? findModelList(url) : undefined;
  if (list) {
    try {
      list.wire.authorize({ request, url, bytes: Buffer.alloc(0) }, context.authority);
      list.answer(url, response);
    } catch (error) {
      sendError(response, list.wire, error);
    }
    return;
  }
  if (request.method === 'GET' && /^\/v1\/models(\/|$)/.test(pathname)) {
    const isAnthropic = request.headers['anthropic-version'] !== undefined;
    const wire = isAnthropic ? anthropicWire : openAiWire;
    try {
      wire.authorize({ request, url, bytes: Buffer.alloc(0) }, context.authority);
      (isAnthropic ? answerAnthropicModels : answerModels)(pathname, response);
    } catch (error) {
      sendError(response, wire, error);
    }
    return;
  }
  throw new OpenAiError(404, `The simulator serves no ${request.method} ${pathname}.`, {
    code: 'unknown_url',
  });
}

interface ModelList {
  readonly wire: Wire;
  readonly answer: (url: URL, response: ServerResponse) => void;
}

/** The clouds' lists of models, and Cohere's; undefined for the path that OpenAI and Anthropic share. */
function findModelList(url: URL): ModelList | undefined {
  if (isBedrockModelList(url.pathname)) return { wire: bedrockWire, answer: answerBedrockModels };
  if (isCohereModelList(url)) return { wire: cohereWire, answer: answerCohereModels };
  const google = googleModelList(url.pathname);
  return google && { wire: google === 'gemini' ? geminiWire : vertexWire, answer: answerGoogleModels };
}

function findOperation({ pathname, searchParams }: URL): Operation | undefined {
  for (const find of finders) {
    const operation = find(pathname, searchParams);
    if (operation) return operation;
  }
  return undefined;
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
