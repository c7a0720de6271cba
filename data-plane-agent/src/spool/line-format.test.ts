import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLine, headPayload, parseLines, recordPayload, type SpoolLine } from './line-format.ts';

const json = fc.json().filter((text) => !text.includes('\n'));
const payload = fc.oneof(
  fc.tuple(fc.nat(), fc.nat()).map(([first, at]) => headPayload(first, at)),
  fc.tuple(fc.nat(), fc.uuid(), json).map(([sequence, id, text]) => recordPayload(sequence, id, text)),
);

function read(bytes: Buffer): { lines: SpoolLine[]; damaged: number } {
  const lines: SpoolLine[] = [];
  const { damaged } = parseLines(bytes, (line) => {
    lines.push(line);
    return true;
  });
  return { lines, damaged };
}

test('what was written is read, also when the end is torn anywhere', () => {
  fc.assert(
    fc.property(fc.array(payload, { minLength: 1 }), fc.nat(), (payloads, cut) => {
      const lines = payloads.map(formatLine);
      const bytes = Buffer.from(lines.join(''));
      const torn = bytes.subarray(0, cut % (bytes.length + 1));
      const whole = torn.toString('latin1').split('\n').length - 1;
      expect(read(torn)).toEqual({ lines: read(bytes).lines.slice(0, whole), damaged: 0 });
      expect(read(bytes).lines).toHaveLength(payloads.length);
    }),
  );
});

test('a changed bit spoils its own line, at most the one beside it, and no other', () => {
  fc.assert(
    fc.property(fc.array(payload, { minLength: 1 }), fc.nat(), fc.nat(7), (payloads, at, bit) => {
      const bytes = Buffer.from(payloads.map(formatLine).join(''));
      const before = read(Buffer.from(bytes)).lines;
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      const { lines } = read(bytes);
      expect(lines.length).toBeGreaterThanOrEqual(payloads.length - 2);
      for (const line of lines) expect(before).toContainEqual(line);
    }),
  );
});
