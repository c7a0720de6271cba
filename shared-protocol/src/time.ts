import { z } from 'zod';

/** A point in time on the wire: ISO 8601 in UTC with milliseconds, `2026-11-21T08:00:00.000Z`. */
export const timestampSchema = z.iso.datetime({ precision: 3 });

let lastSecond = Number.NaN;
let secondText = '';

/** Writes milliseconds since 1970 as they stand on the wire. The second is remembered, since most calls are about now. */
export function formatTimestamp(milliseconds: number): string {
  const whole = Math.trunc(milliseconds);
  const second = Math.floor(whole / 1_000);
  if (second !== lastSecond) {
    secondText = new Date(second * 1_000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  return `${secondText}${String(whole - second * 1_000).padStart(3, '0')}Z`;
}
