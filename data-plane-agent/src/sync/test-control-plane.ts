import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  type ConfigVersion,
  formatAgentToken,
  formatVersionTag,
  generateSigningJwk,
  importSigningKey,
  issueChain,
  type KeyChain,
  type Manifest,
  PROTOCOL_HEADERS,
  type SigningKey,
  signManifest,
} from '@bonito/protocol';
import { type TestSection, testId } from '../gateway/snapshot/compile-test-sections.ts';
import type { Trust } from './snapshot-store.ts';

export const TEST_TIME = '2026-11-21T08:00:00.000Z';

/** The signing side of a control plane, for tests. */
export interface TestSigner {
  trust: Trust;
  token(seed?: number): string;
  sign(
    version: ConfigVersion,
    sections: readonly TestSection[],
    changes?: Partial<Manifest>,
  ): Promise<string>;
}

const keys = new Map<string, Promise<SigningKey>>();
/** Keys are made once for each name, so that tests stay quick. */
function signingKey(name: string): Promise<SigningKey> {
  const known = keys.get(name) ?? generateSigningJwk('EdDSA').then(importSigningKey);
  keys.set(name, known);
  return known;
}

/** Signs as the organization's control plane does; with another root's name, as somebody else would. */
export async function createTestSigner(
  options: { root?: string; signing?: string; generation?: number } = {},
): Promise<TestSigner> {
  const root = await signingKey(options.root ?? 'root');
  const signing = await signingKey(options.signing ?? 'signing');
  const chain: KeyChain = await issueChain(root, signing, options.generation ?? 1, TEST_TIME);
  const trust = { organization: testId(9, 0), rootFingerprint: root.thumbprint };
  return {
    trust,
    token: (seed = 1) => formatAgentToken(trust, Buffer.alloc(32, seed)),
    sign: (version, sections, changes = {}) =>
      signManifest(
        {
          ...version,
          organization: trust.organization,
          protocol: 1,
          issued_at: TEST_TIME,
          sections: sections.map(({ name, digest, bytes }) => ({ name, digest, bytes })),
          ...changes,
        },
        signing,
        chain,
      ),
  };
}

/** A request as the test server saw it. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A small control plane over HTTP. */
export interface TestControlPlane {
  address: string;
  seen: SeenRequest[];
  /** Resolves with the next request that matches. */
  next(matches: (request: SeenRequest) => boolean): Promise<SeenRequest>;
  publish(version: ConfigVersion, sections: readonly TestSection[]): Promise<void>;
  /** Tokens that are accepted. */
  tokens: Set<string>;
  /** What heartbeats are answered with, one after the other; then with nothing to do. */
  heartbeatAnswers: unknown[];
  /** Answers in place of the control plane when it returns true. */
  intercept: (request: SeenRequest, response: ServerResponse) => boolean;
  stop(): Promise<void>;
}

/** Starts it on a free port of this machine. Config answers are held until the next `publish`. */
export async function startTestControlPlane(signer: TestSigner): Promise<TestControlPlane> {
  let published: { tag: string; jws: string } | undefined;
  const sections = new Map<string, Buffer>();
  const held = new Set<() => void>();
  const watchers = new Set<(request: SeenRequest) => void>();
  const server = createServer((message, response) => {
    void answer(message, response);
  });

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of message) pieces.push(piece as Buffer);
    const request: SeenRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body: Buffer.concat(pieces).toString(),
    };
    plane.seen.push(request);
    for (const watch of watchers) watch(request);
    response.setHeader(PROTOCOL_HEADERS.time, TEST_TIME);
    response.setHeader(PROTOCOL_HEADERS.version, '1');
    if (plane.intercept(request, response)) return;
    if (!plane.tokens.has((request.headers.authorization ?? '').slice('Bearer '.length))) {
      response.writeHead(401).end();
      return;
    }
    if (request.path === '/api/agent/heartbeat') {
      response.end(
        JSON.stringify(plane.heartbeatAnswers.shift() ?? { notices: [], successor: null, commands: [] }),
      );
      return;
    }
    if (request.path === '/api/agent/ingest') {
      response.end('{}');
      return;
    }
    const digest = /^\/api\/agent\/config\/sections\/([0-9a-f]{64})$/.exec(request.path)?.[1];
    if (digest) {
      const content = sections.get(digest);
      if (!content) response.writeHead(404).end();
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(content));
      return;
    }
    const config = () => {
      held.delete(config);
      if (published) response.writeHead(200, { etag: published.tag }).end(published.jws);
    };
    if (published && request.headers['if-none-match'] !== published.tag) config();
    else held.add(config);
  }

  const plane: TestControlPlane = {
    address: '',
    seen: [],
    tokens: new Set([signer.token()]),
    heartbeatAnswers: [],
    intercept: () => false,
    next(matches) {
      return new Promise((resolve) => {
        const watch = (request: SeenRequest) => {
          if (!matches(request)) return;
          watchers.delete(watch);
          resolve(request);
        };
        watchers.add(watch);
      });
    },
    async publish(version, next) {
      for (const section of next) sections.set(section.digest, section.content);
      published = { tag: formatVersionTag(version), jws: await signer.sign(version, next) };
      for (const wake of held) wake();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  plane.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return plane;
}
