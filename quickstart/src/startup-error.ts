/** Something that the person at the terminal has to mend: one sentence, exit code 2. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
