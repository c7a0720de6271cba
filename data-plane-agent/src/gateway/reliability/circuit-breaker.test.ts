import { expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

const open = () => {
  const breaker = new CircuitBreaker({ failures: 2, cooldownMs: 100, limit: 3 });
  breaker.failed('a', 0);
  breaker.failed('a', 10);
  return breaker;
};

it('opens after failures in a row, and not before', () => {
  const breaker = new CircuitBreaker({ failures: 2, cooldownMs: 100 });
  breaker.failed('a', 0);
  breaker.succeeded('a');
  breaker.failed('a', 0);
  expect(breaker.available('a', 1)).toBe(true);
  breaker.failed('a', 1);
  expect(breaker.available('a', 2)).toBe(false);
  expect(breaker.available('b', 2)).toBe(true);
});

it('lets one probe through after the cool-down', () => {
  const breaker = open();
  expect(breaker.available('a', 109)).toBe(false);
  expect(breaker.available('a', 110)).toBe(true);
  breaker.attempting('a', 110);
  expect(breaker.available('a', 111)).toBe(false);
  breaker.succeeded('a');
  expect(breaker.available('a', 112)).toBe(true);
});

it('opens again when the probe fails', () => {
  const breaker = open();
  breaker.attempting('a', 110);
  breaker.failed('a', 120);
  expect(breaker.available('a', 219)).toBe(false);
  expect(breaker.available('a', 220)).toBe(true);
});

it('forgets the oldest beyond its limit', () => {
  const breaker = open();
  for (const id of ['b', 'c', 'd']) breaker.failed(id, 20);
  expect(breaker.available('a', 21)).toBe(true);
});
