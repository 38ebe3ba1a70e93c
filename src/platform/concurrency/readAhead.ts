/**
 * The items of `source` in order. While the caller works on an item for which `mayReadAhead` is true, the
 * next one is already read and, once it is there, given to `onNext` together with the present one. When the
 * caller leaves the loop, `leave` is called, which must end the source, and the source is closed.
 */
export async function* readAhead<Item>(
  source: AsyncIterable<Item>,
  {
    mayReadAhead,
    onNext,
    leave,
  }: { mayReadAhead(item: Item): boolean; onNext(next: Item, present: Item): void; leave(): void },
): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]();
  /** The next item, if it was asked for early. */
  let ahead: Promise<IteratorResult<Item>> | null = null;
  try {
    for (;;) {
      const item: IteratorResult<Item> = await (ahead ?? items.next());
      if (item.done === true) return;
      const present: Item = item.value;
      ahead = mayReadAhead(present) ? items.next() : null;
      ahead?.then(
        (next) => {
          if (next.done !== true) onNext(next.value, present);
        },
        // Thrown where the item is awaited.
        () => undefined,
      );
      yield present;
    }
  } finally {
    leave();
    await items.return?.();
  }
}
