import type { CredentialProblem } from '../gateway/ports.ts';
import type { Holder } from './credential-cells.ts';
import { CredentialError, problemOf } from './credential-error.ts';

/**
 * A credential that stands in a variable or a file as it is. It is read from memory at each call, and parsed again only
 * when its text is another one.
 *
 * @param read the text as it is now; undefined where there is none
 * @param reload called when the credential was refused
 */
export function holdSecret<Value extends object>(
  read: () => string | undefined,
  parse: (text: string) => Value,
  reload: () => void,
): Holder<Value> {
  let text: string | undefined;
  let value: Value | undefined;
  let error: unknown;
  const current = (): Value | undefined => {
    const now = read();
    if (now === text) return value;
    text = now;
    value = undefined;
    error = undefined;
    try {
      value = now === undefined ? undefined : parse(now);
    } catch (reason) {
      error = reason;
    }
    return value;
  };
  const problem = (): CredentialProblem | undefined => {
    if (current() !== undefined) return undefined;
    return error === undefined ? 'not_configured' : problemOf(error);
  };
  const get = async () => {
    const found = current();
    if (found === undefined) throw new CredentialError(problem() ?? 'not_configured');
    return found;
  };
  return {
    read: current,
    get,
    renew() {
      reload();
      return get();
    },
    problem,
    refused: reload,
  };
}

/** A credential that is as it is for the life of the process; undefined where there is none. */
export function holdValue<Value extends object>(value: Value | undefined): Holder<Value> {
  const problem = value === undefined ? 'not_configured' : undefined;
  const get = async () => {
    if (value === undefined) throw new CredentialError('not_configured');
    return value;
  };
  return {
    read: () => value,
    get,
    renew: get,
    problem: () => problem,
    refused: () => undefined,
  };
}
