/** Text of a further thought, apart from the text before it: `reasoning_content` is one string for all of them. */
export function nextThought(before: string, text: string): string {
  return before === '' || text === '' || before.endsWith('\n') || text.startsWith('\n')
    ? text
    : `\n\n${text}`;
}
