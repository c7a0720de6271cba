import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../serving/send-json.ts';
import type { Authority } from './authority.ts';
import { awsAccount } from './aws-keys.ts';

const role = 'simulator-instance-role';
const seconds = 3600;
const instanceTokens = new Set<string>();
const mostInstanceTokens = 10_000;

type Handler = (authority: Authority, request: IncomingMessage, url: URL, response: ServerResponse) => void;

/** The metadata services that stand beside a workload in the clouds; false when the path is none of theirs. */
export function answerMetadata(
  authority: Authority,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): boolean {
  const route = `${request.method} ${url.pathname}`;
  const handler = Object.hasOwn(handlers, route) ? handlers[route] : undefined;
  handler?.(authority, request, url, response);
  return handler !== undefined;
}

const handlers: Record<string, Handler> = {
  /** EC2, version 2: a session token first. */
  'PUT /latest/api/token': (_authority, request, _url, response) => {
    const ttl = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!(ttl >= 1 && ttl <= 21_600)) return refuse(response, 400);
    if (instanceTokens.size >= mostInstanceTokens) instanceTokens.clear();
    const token = randomBytes(32).toString('base64');
    instanceTokens.add(token);
    response
      .writeHead(200, { 'content-type': 'text/plain', 'x-aws-ec2-metadata-token-ttl-seconds': ttl })
      .end(token);
  },
  'GET /latest/meta-data/iam/security-credentials/': (_authority, request, _url, response) => {
    if (!hasInstanceToken(request)) return refuse(response, 401);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(role);
  },
  [`GET /latest/meta-data/iam/security-credentials/${role}`]: ({ aws, now }, request, _url, response) => {
    if (!hasInstanceToken(request)) return refuse(response, 401);
    const key = aws.issue(`arn:aws:sts::${awsAccount}:assumed-role/${role}/i-simulator`, seconds);
    const updated = new Date(now()).toISOString();
    sendJson(response, { Code: 'Success', LastUpdated: updated, Type: 'AWS-HMAC', ...awsMembers(key) });
  },
  /** Containers and pods: `AWS_CONTAINER_CREDENTIALS_FULL_URI`, with the simulator's key as authorization token. */
  'GET /container-credentials': ({ aws, isKey }, request, _url, response) => {
    if (!isKey(request.headers.authorization)) return refuse(response, 401);
    const arn = `arn:aws:sts::${awsAccount}:assumed-role/simulator-task-role/task`;
    sendJson(response, { RoleArn: arn, ...awsMembers(aws.issue(arn, seconds)) });
  },
  'GET /computeMetadata/v1/instance/service-accounts/default/token': (
    { tokens },
    request,
    _url,
    response,
  ) => {
    if (request.headers['metadata-flavor'] !== 'Google') return refuse(response, 403);
    response.setHeader('metadata-flavor', 'Google');
    sendJson(response, {
      access_token: tokens.issue('google', seconds),
      expires_in: seconds,
      token_type: 'Bearer',
    });
  },
  'GET /computeMetadata/v1/project/project-id': ({ credentials }, request, _url, response) => {
    if (request.headers['metadata-flavor'] !== 'Google') return refuse(response, 403);
    response.writeHead(200, { 'content-type': 'application/text', 'metadata-flavor': 'Google' });
    response.end(credentials.googleProject);
  },
  /** Azure's instance metadata service, for managed identities. */
  'GET /metadata/identity/oauth2/token': ({ tokens, now }, request, url, response) => {
    const resource = url.searchParams.get('resource');
    if (request.headers.metadata !== 'true' || resource === null || !url.searchParams.has('api-version')) {
      sendJson(
        response,
        { error: 'invalid_request', error_description: 'Required metadata header not specified' },
        400,
      );
      return;
    }
    sendJson(response, {
      access_token: tokens.issue('entra', seconds),
      expires_in: String(seconds),
      expires_on: String(Math.floor(now() / 1000) + seconds),
      resource,
      token_type: 'Bearer',
    });
  },
};

function hasInstanceToken(request: IncomingMessage): boolean {
  return instanceTokens.has(String(request.headers['x-aws-ec2-metadata-token']));
}

function awsMembers(key: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expires: number;
}) {
  return {
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    Token: key.sessionToken,
    Expiration: new Date(key.expires).toISOString(),
  };
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end('refused');
}
