import { presentTimes } from '../lists/fields.ts';
import type { RouteRow } from './routes.queries.ts';
import type { RouteResource } from './routes.schemas.ts';

export function presentRoute(row: RouteRow): RouteResource {
  const { id, name, strategy, targets, strict, foreign_state } = row;
  return { id, name, strategy, targets, strict, foreign_state, ...presentTimes(row) };
}
