import { ServiceError } from './service-error.ts';

const NAMED = 10;

/**
 * Refuses to delete what something else needs, and names it.
 *
 * @throws ServiceError `in_use` unless `users` is empty
 */
export function refuseInUse(what: string, kind: string, users: readonly string[]): void {
  if (users.length === 0) return;
  const names = users.slice(0, NAMED).map((name) => `"${name}"`);
  const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : '';
  throw new ServiceError(
    'in_use',
    `the ${what} is in use by ${kind} ${names.join(', ')}${more}: change or delete them first`,
  );
}
