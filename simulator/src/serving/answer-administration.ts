import type { ServerResponse } from 'node:http';
import type { AttemptLedger } from './attempt-ledger.ts';
import { sendJson } from './send-json.ts';

const mostListed = 1000;

/** Answers the simulator's own counting endpoints; false when the route is none of them. They need no credential. */
export function answerAdministration(
  ledger: AttemptLedger,
  reset: () => void,
  route: string,
  query: URLSearchParams,
  response: ServerResponse,
): boolean {
  switch (route) {
    case 'GET /simulator/attempts':
      sendJson(response, ledger.totals());
      return true;
    case 'GET /simulator/attempts/list': {
      const after = Number(query.get('after') ?? 0) || 0;
      const data = ledger.list(after, mostListed);
      sendJson(response, { data, next_after: data.length === mostListed ? data.at(-1)?.sequence : null });
      return true;
    }
    case 'DELETE /simulator/attempts':
      reset();
      response.writeHead(204).end();
      return true;
    default:
      return false;
  }
}
