import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs what a provider gives out and wants back untouched: reasoning, encrypted items, thought signatures. */
export interface StateSigner {
  /** Base64. The same text gives the same signature. */
  sign(text: string): string;
  isSignatureOf(signature: unknown, text: string): boolean;
  /** Text that only this simulator can read again. Base64. */
  seal(text: string): string;
  /** The sealed text, or undefined if it was not sealed here or was changed. */
  open(sealed: unknown): string | undefined;
}

const version = 'sim1';
const digestBytes = 32;

/** Two simulators with the same secret accept each other's state. */
export function createStateSigner(secret: string): StateSigner {
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest();
  const sign = (text: string) =>
    Buffer.concat([Buffer.from(version), digest(`sign\0${text}`)]).toString('base64');
  return {
    sign,
    isSignatureOf: (signature, text) => signature === sign(text),
    seal(text) {
      const bytes = Buffer.from(text);
      return Buffer.concat([Buffer.from(version), digest(`seal\0${text}`), bytes]).toString('base64');
    },
    open(sealed) {
      if (typeof sealed !== 'string') return undefined;
      const bytes = Buffer.from(sealed, 'base64');
      const start = version.length + digestBytes;
      if (bytes.length < start || bytes.toString('latin1', 0, version.length) !== version) return undefined;
      const text = bytes.toString('utf8', start);
      const isOurs = timingSafeEqual(bytes.subarray(version.length, start), digest(`seal\0${text}`));
      return isOurs ? text : undefined;
    },
  };
}
