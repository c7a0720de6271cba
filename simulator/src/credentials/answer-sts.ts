import type { ServerResponse } from 'node:http';
import { SignatureRefusal, verifySignature } from '../bedrock/verify-signature.ts';
import type { Arrival } from '../serving/wire.ts';
import type { Authority } from './authority.ts';
import { type AwsKey, awsAccount } from './aws-keys.ts';

const usualSeconds = 3600;
const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * STS's query API, https://docs.aws.amazon.com/STS/latest/APIReference: AssumeRole and GetCallerIdentity, signed;
 * AssumeRoleWithWebIdentity, by a token. A role whose name begins with `denied` may not be assumed; one that begins
 * with `external-` demands the external id `simulator`.
 */
export function answerSts(
  authority: Authority,
  arrival: Arrival,
  form: URLSearchParams,
  response: ServerResponse,
): void {
  try {
    sendXml(response, 200, answer(authority, arrival, form));
  } catch (error) {
    if (!(error instanceof SignatureRefusal)) throw error;
    const code = stsCodes[error.type] ?? error.type;
    const body = `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>sim</RequestId></ErrorResponse>`;
    sendXml(
      response,
      code === 'InvalidIdentityToken' || code === 'InvalidAction' || code === 'ValidationError' ? 400 : 403,
      body,
    );
  }
}

/** The query protocol has names of its own. */
const stsCodes: Record<string, string> = {
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ExpiredTokenException: 'ExpiredToken',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
};

function answer(authority: Authority, arrival: Arrival, form: URLSearchParams): string {
  const action = form.get('Action') ?? '';
  switch (action) {
    case 'AssumeRole':
      return assume(authority, form, action, verifySignature(arrival, authority, 'sts'));
    case 'AssumeRoleWithWebIdentity':
      if ((form.get('WebIdentityToken') ?? '').split('.').length !== 3)
        throw new SignatureRefusal('InvalidIdentityToken', 'The ID Token provided is not a valid JWT.');
      return assume(authority, form, action, undefined);
    case 'GetCallerIdentity': {
      const { arn } = verifySignature(arrival, authority, 'sts');
      return envelope(
        action,
        `<Arn>${arn}</Arn><UserId>AIDASIMULATOR</UserId><Account>${awsAccount}</Account>`,
      );
    }
    default:
      throw new SignatureRefusal(
        'InvalidAction',
        `Could not find operation ${action} for version 2011-06-15`,
      );
  }
}

function assume(
  { aws }: Authority,
  form: URLSearchParams,
  action: string,
  caller: AwsKey | undefined,
): string {
  const role = form.get('RoleArn') ?? '';
  const session = form.get('RoleSessionName') ?? '';
  const [, account, name] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(role) ?? [];
  if (!name || !/^[\w+=,.@-]{2,64}$/.test(session))
    throw new SignatureRefusal(
      'ValidationError',
      '1 validation error detected: RoleArn or RoleSessionName is invalid',
    );
  const isDenied =
    name.startsWith('denied') || (name.startsWith('external-') && form.get('ExternalId') !== 'simulator');
  if (isDenied)
    throw new SignatureRefusal(
      'AccessDenied',
      `User: ${caller?.arn ?? 'anonymous'} is not authorized to perform: sts:${action} on resource: ${role}`,
    );
  const arn = `arn:aws:sts::${account}:assumed-role/${name}/${session}`;
  const key = aws.issue(arn, Number(form.get('DurationSeconds') ?? usualSeconds));
  const credentials = `<Credentials><AccessKeyId>${key.accessKeyId}</AccessKeyId><SecretAccessKey>${key.secretAccessKey}</SecretAccessKey><SessionToken>${key.sessionToken}</SessionToken><Expiration>${new Date(key.expires).toISOString()}</Expiration></Credentials>`;
  const user = `<AssumedRoleUser><AssumedRoleId>AROASIMULATOR:${escapeXml(session)}</AssumedRoleId><Arn>${escapeXml(arn)}</Arn></AssumedRoleUser>`;
  return envelope(action, credentials + user);
}

function envelope(action: string, result: string): string {
  return `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>sim</RequestId></ResponseMetadata></${action}Response>`;
}

function sendXml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
