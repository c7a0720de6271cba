import type { RouteDefinition } from './define-route.ts';
import { HttpError } from './problem.ts';

/** What to say of an address that nothing answered: that it does not exist, or which methods it takes. */
export function createNotFound(routes: readonly Pick<RouteDefinition, 'path' | 'method'>[]) {
  const patterns = routes.map(({ path, method }) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    method: method.toUpperCase(),
  }));
  return (path: string, method: string): HttpError => {
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map((entry) => entry.method);
    if (methods.length === 0)
      return new HttpError('no_such_address', `there is nothing at ${method} ${path}`);
    const allowed = [...new Set(methods)].sort().join(', ');
    return new HttpError('method_not_allowed', `this address takes ${allowed}, not ${method}`, {
      allow: allowed,
    });
  };
}
