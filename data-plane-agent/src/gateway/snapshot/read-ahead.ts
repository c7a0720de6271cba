/**
 * Begins to read the next few things before they are asked for, in order, so that a disk works while its last answer is being
 * looked at. Never more than `ahead` are waiting, which bounds their memory.
 */
export function readAhead<Item, Content>(
  items: readonly Item[],
  ahead: number,
  read: (item: Item) => Promise<Content>,
): { next(): Promise<Content> } {
  const waiting: Promise<Content>[] = [];
  let begun = 0;
  const begin = () => {
    while (waiting.length < ahead && begun < items.length) {
      const content = read(items[begun] as Item);
      // Whoever asks for it hears of it; when an earlier one failed, nobody does.
      content.catch(() => undefined);
      waiting.push(content);
      begun += 1;
    }
  };
  return {
    async next() {
      begin();
      const first = waiting.shift();
      if (!first) throw new Error('there is nothing more to read');
      const content = await first;
      begin();
      return content;
    },
  };
}
