import { GatewayError } from '../errors/gateway-error.ts';

/** One parameter: a token, or a quoted string without escapes. */
const PARAMETER =
  /^;[ \t]*([a-zA-Z0-9!#$%&'*+.^_`|~-]+)=(?:"([^"\\\r\n]*)"|([a-zA-Z0-9!#$%&'*+.^_`|~-]+))[ \t]*/;
const TYPE = /^[ \t]*multipart\/form-data[ \t]*(?=;|$)/i;
/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[a-zA-Z0-9'()+_,\-./:=? ]{0,69}[a-zA-Z0-9'()+_,\-./:=?]$/;

/**
 * The boundary of a form; undefined for a body of another type.
 *
 * @throws GatewayError `invalid_form` where two readers could see two boundaries
 */
export function readBoundary(contentType: string | undefined): string | undefined {
  const type = contentType === undefined ? null : TYPE.exec(contentType);
  if (contentType === undefined || !type) return undefined;
  const parameters = readParameters(contentType.slice(type[0].length));
  const boundary = parameters?.get('boundary');
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  throw new GatewayError('invalid_form', { detail: 'Its content type has to name one boundary.' });
}

/** Parameters by lower-case name; undefined when one comes twice or the text is anything else. */
export function readParameters(text: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  let rest = text.trimStart();
  while (rest !== '') {
    const [whole, name = '', quoted, token] = PARAMETER.exec(rest) ?? [];
    if (whole === undefined || parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted ?? token ?? '');
    rest = rest.slice(whole.length);
  }
  return parameters;
}
