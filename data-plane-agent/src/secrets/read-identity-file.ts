import { readFileSync } from 'node:fs';

const SIZE_LIMIT = 64 * 1024;

/**
 * Reads a file in which a platform keeps the identity of its workload: a projected token, a credential file. Only paths out
 * of the process's environment or an operator's own file come here, never out of a provider's configuration.
 *
 * @returns its text without blanks around it; undefined when it cannot be read, is empty or larger than 64 KB
 */
export function readIdentityFile(path: string): string | undefined {
  if (path === '') return undefined;
  try {
    const text = readFileSync(path);
    return text.length > SIZE_LIMIT ? undefined : text.toString('utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
