import type { RequestIdVariables } from 'hono/request-id';

/** What middleware leaves on a request. */
export interface AppEnvironment {
  Variables: RequestIdVariables;
}
