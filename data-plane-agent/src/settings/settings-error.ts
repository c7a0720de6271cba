/** Settings that the agent cannot run with. Each problem is one sentence that names the setting and where it came from. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'settings_invalid';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
