/** Never a provider's credential, whatever a list says. */
const NEVER = /^BONITO_(?!CREDENTIAL_)/;
const ALWAYS = /_API_KEY$|^BONITO_CREDENTIAL_./;

/** Reads a credential from the process's environment; undefined for a name that providers may not use, or that is empty. */
export type EnvironmentCredentials = (name: string) => string | undefined;

/**
 * Which variables a provider may name is decided here, in the customer's network, since the name comes from the control
 * plane: those that end in `_API_KEY`, those that begin with `BONITO_CREDENTIAL_`, and those that the operator lists. See
 * docs/decisions/credential-allow-list.md.
 */
export function createEnvironmentCredentials(
  environment: Readonly<Record<string, string | undefined>>,
  listed: readonly string[],
): EnvironmentCredentials {
  const allowed = new Set(listed);
  const credentials = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!value || NEVER.test(name) || !(ALWAYS.test(name) || allowed.has(name))) continue;
    credentials.set(name, value.trim());
  }
  return (name) => credentials.get(name);
}
