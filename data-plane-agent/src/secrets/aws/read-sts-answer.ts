import type { CredentialProblem } from '../../gateway/ports.ts';
import type { CredentialAnswer } from '../../outbound/credential-requests.ts';
import { CredentialError } from '../credential-error.ts';
import { type JsonFields, parseFields, textField } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';
import { type AwsKeys, answeredAt, readGivenKeys } from './aws-keys.ts';

const FIELDS = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'];
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the keys out of an answer of STS, in XML as it comes, or JSON.
 *
 * @param action `AssumeRole` or `AssumeRoleWithWebIdentity`
 * @throws CredentialError
 */
export function readStsAnswer(answer: CredentialAnswer, action: string, now: number): Fetched<AwsKeys> {
  const { body } = answer;
  const fields = body.trimStart().startsWith('{') ? fromJson(body, action) : fromXml(body);
  return readGivenKeys(fields, 'SessionToken', answeredAt(answer.headers, now));
}

function fromJson(body: string, action: string): JsonFields {
  const step = (fields: JsonFields, name: string) => {
    const value = fields[name];
    if (typeof value !== 'object' || value === null) throw new CredentialError('malformed');
    return value as JsonFields;
  };
  return step(step(step(parseFields(body), `${action}Response`), `${action}Result`), 'Credentials');
}

function fromXml(body: string): JsonFields {
  const credentials = /<Credentials>([\s\S]*?)<\/Credentials>/.exec(body)?.[1] ?? '';
  return Object.fromEntries(FIELDS.map((name) => [name, element(credentials, name)]));
}

/** The text of an element that holds nothing but text. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.trim().replace(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and the errors of each action. */
const PROBLEMS: Readonly<Record<string, CredentialProblem>> = {
  AccessDenied: 'permission_missing',
  AccessDeniedException: 'permission_missing',
  UnauthorizedOperation: 'permission_missing',
  ExpiredToken: 'expired',
  ExpiredTokenException: 'expired',
  RequestExpired: 'refused',
  IncompleteSignature: 'refused',
  InvalidClientTokenId: 'refused',
  UnrecognizedClientException: 'refused',
  SignatureDoesNotMatch: 'refused',
  InvalidIdentityToken: 'refused',
  IDPRejectedClaim: 'refused',
  IDPCommunicationError: 'unreachable',
  Throttling: 'unreachable',
  ThrottlingException: 'unreachable',
  ServiceUnavailable: 'unreachable',
  RegionDisabledException: 'wrong_region',
  MalformedPolicyDocument: 'not_configured',
  PackedPolicyTooLarge: 'not_configured',
  ValidationError: 'not_configured',
  InvalidParameterValue: 'not_configured',
  InvalidParameterCombination: 'not_configured',
  MissingParameter: 'not_configured',
};

/** What an error answer of STS means; nothing of its words is kept. */
export function readStsProblem(answer: CredentialAnswer): CredentialProblem {
  const code = codeOf(answer.body) ?? '';
  const known = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined;
  if (known) return known;
  return answer.status === 401 || answer.status === 403 ? 'refused' : 'not_configured';
}

function codeOf(body: string): string | undefined {
  if (!body.trimStart().startsWith('{')) return element(body, 'Code');
  try {
    const { Error: error } = parseFields(body);
    return typeof error === 'object' && error !== null ? textField(error as JsonFields, 'Code') : undefined;
  } catch {
    return undefined;
  }
}
