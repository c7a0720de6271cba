import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../serving/read-body.ts';
import { sendJson } from '../serving/send-json.ts';
import { answerMetadata } from './answer-metadata.ts';
import { answerSts } from './answer-sts.ts';
import type { Authority } from './authority.ts';
import type { GoogleAccount } from './google-account.ts';

const tokenSeconds = 3600;

/** Answers the token endpoints of the clouds; false when the path is none of them. They are not attempts. */
export async function answerTokenRequests(
  authority: Authority,
  google: GoogleAccount,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname } = url;
  if (answerMetadata(authority, request, url, response)) return true;
  if (request.method === 'GET' && pathname === '/simulator/credentials') {
    sendJson(response, { ...authority.credentials, googleServiceAccountKey: google.key(originOf(request)) });
    return true;
  }
  if (request.method !== 'POST') return false;
  const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(pathname)?.[1];
  if (tenant === undefined && pathname !== '/token' && pathname !== '/sts' && pathname !== '/') return false;
  const bytes = await readBody(request);
  if (!bytes) return true;
  const form = new URLSearchParams(bytes.toString());
  if (tenant !== undefined) answerEntra(authority, tenant, form, response);
  else if (pathname === '/token') answerGoogle(authority, google, form, originOf(request), response);
  else answerSts(authority, { request, url, bytes }, form, response);
  return true;
}

function originOf(request: IncomingMessage): string {
  return `http://${request.headers.host}`;
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
function answerEntra(
  { credentials, tokens }: Authority,
  tenant: string,
  form: URLSearchParams,
  response: ServerResponse,
): void {
  const refuse = (status: number, error: string, code: number, description: string) =>
    sendJson(
      response,
      { error, error_description: `AADSTS${code}: ${description}`, error_codes: [code] },
      status,
    );
  if (tenant !== credentials.entraTenantId)
    return refuse(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  if (form.get('grant_type') !== 'client_credentials')
    return refuse(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  if (form.get('client_id') !== credentials.entraClientId)
    return refuse(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${form.get('client_id')}' was not found in the directory.`,
    );
  const assertion = form.get('client_assertion');
  const isAsserted = assertion !== null && assertion.split('.').length === 3;
  if (!isAsserted && form.get('client_secret') !== credentials.entraClientSecret)
    return refuse(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
  if (!form.get('scope')?.endsWith('/.default'))
    return refuse(
      400,
      'invalid_scope',
      1002012,
      'The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.',
    );
  const access_token = tokens.issue('entra', tokenSeconds);
  sendJson(response, {
    token_type: 'Bearer',
    expires_in: tokenSeconds,
    ext_expires_in: tokenSeconds,
    access_token,
  });
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
function answerGoogle(
  authority: Authority,
  google: GoogleAccount,
  form: URLSearchParams,
  origin: string,
  response: ServerResponse,
): void {
  const refuse = (error: string, error_description: string) =>
    sendJson(response, { error, error_description }, 400);
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return refuse('unsupported_grant_type', 'Invalid grant_type: ');
  const fault = google.checkAssertion(form.get('assertion') ?? '', `${origin}/token`, authority.now());
  if (fault !== undefined) return refuse('invalid_grant', fault);
  const access_token = authority.tokens.issue('google', tokenSeconds);
  sendJson(response, { access_token, expires_in: tokenSeconds, token_type: 'Bearer' });
}
