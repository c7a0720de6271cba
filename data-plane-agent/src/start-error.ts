/** Why the agent cannot start: sentences for the person who starts it. The process ends with code 2. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'start_failed';
}
