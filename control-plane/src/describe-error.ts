/**
 * What of an error goes into the log. Drivers hang queries and their parameters onto their errors; those hold hashes and
 * names of customers, and stay out.
 */
export function describeError(error: unknown): {
  error: { name: string; message: string; code?: string; stack?: string };
} {
  if (!(error instanceof Error)) return { error: { name: typeof error, message: String(error) } };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: { name, message, ...(code && { code }), ...(stack && { stack }) } };
}
