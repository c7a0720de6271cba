import { describe, expect, it } from 'vitest';
import { createLog, errorCode, errorFrames } from './log.ts';

function capture(level: 'info' | 'silent' = 'info') {
  const lines: string[] = [];
  const { log } = createLog(level, { write: (line: string) => lines.push(line) });
  return { lines, log };
}

describe('createLog', () => {
  it('writes one line of JSON with level and time', () => {
    const { lines, log } = capture();
    log.warn({ revision: 3 }, 'kept the last configuration');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      revision: 3,
      msg: 'kept the last configuration',
    });
  });

  it('writes of an error nothing but its code, wherever it stands', () => {
    const { lines, log } = capture();
    const canary = new Error('canary in a message', { cause: new Error('canary in a cause') });
    canary.name = 'canary in a name';
    log.error({ err: canary, error: canary }, 'failed');
    log.error(canary, 'failed');
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('canary');
  });

  it('is silent when told so', () => {
    const { lines, log } = capture('silent');
    log.error('nothing');
    expect(lines).toEqual([]);
  });
});

describe('errorCode', () => {
  it('prefers a code, then a code of a cause, then the class', () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(errorCode(cause)).toBe('ECONNREFUSED');
    expect(errorCode(new TypeError('fetch failed', { cause }))).toBe('ECONNREFUSED');
    expect(errorCode(new TypeError('canary'))).toBe('TypeError');
  });

  it('does not take text for a code', () => {
    expect(errorCode(Object.assign(new Error('x'), { code: 'canary text' }))).toBe('Error');
    expect(errorCode('canary')).toBe('unknown');
    expect(errorCode(undefined)).toBe('unknown');
  });
});

describe('errorFrames', () => {
  it('says where, without the message', () => {
    const frames = errorFrames(new Error('canary\n    at canary'));
    expect(frames[0]).toMatch(/^at .*log\.test\.ts:\d+:\d+/);
    expect(frames.join()).not.toContain('canary');
    expect(errorFrames('text')).toEqual([]);
  });
});
