import type { Framing } from './framing.ts';
import type { WireError } from './wire-error.ts';

/** Server-sent events; named ones get an `event:` line. `error` makes the error that may come after a 200. */
export function sseFraming(
  error: (status: number | undefined) => WireError,
  { end, errorName }: { end?: string; errorName?: string } = {},
): Framing {
  return {
    contentType: 'text/event-stream; charset=utf-8',
    frame: ({ name, data }) =>
      name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`,
    fail: (status) => {
      const line = errorName === undefined ? '' : `event: ${errorName}\n`;
      return `${line}data: ${error(status).body()}\n\n`;
    },
    ...(end !== undefined && { end }),
  };
}
