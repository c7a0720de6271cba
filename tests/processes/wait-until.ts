/**
 * Asks again and again until the answer is neither undefined, null nor false, and gives it.
 *
 * @throws Error that names what was waited for, after `patience` milliseconds
 */
export async function waitUntil<Value>(
  what: string,
  ask: () => Promise<Value | undefined | null | false> | Value | undefined | null | false,
  patience = 20_000,
): Promise<Value> {
  const deadline = performance.now() + patience;
  let lastError: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await ask();
      if (value !== undefined && value !== null && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited ${patience} ms in vain until ${what}`, { cause: lastError });
}
