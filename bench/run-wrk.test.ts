import { expect, it } from 'vitest';
import { parseWrk } from './run-wrk.ts';

const report = `Running 1s test @ http://127.0.0.1:9101/v1/chat/completions
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.43ms  456.91us   8.77ms   90.12%
    Req/Sec    44.59k     3.01k   48.68k    70.00%
  Latency Distribution
     50%  890.00us
     75%    1.53ms
     90%    1.74ms
     99%    3.25ms
  44512 requests in 1.01s, 50.26MB read
Requests/sec:  44291.07
Transfer/sec:     50.01MB
`;

it('reads a report', () => {
  expect(parseWrk(report)).toEqual({
    requests: 44512,
    requestsPerSecond: 44291.07,
    p50: 890,
    p99: 3250,
    failed: 0,
  });
});

it.each(['97.99%', '96.50%'])('does not take %s within a deviation for a percentile', (deviation) => {
  expect(parseWrk(report.replace('90.12%', deviation))).toMatchObject({ p50: 890, p99: 3250 });
});

it('counts bad answers and socket errors as failed', () => {
  const bad = `${report}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 50\n`;
  expect(parseWrk(bad).failed).toBe(60);
});

it('does not invent a missing figure', () => {
  expect(() => parseWrk('unable to connect to 127.0.0.1:9101')).toThrow('no');
});
