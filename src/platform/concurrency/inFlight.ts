/** What add() returns, to remove the item with. */
export interface Flight<Item> {
  readonly item: Item;
  before: Flight<Item> | null;
  after: Flight<Item> | null;
  isOver: boolean;
}

/**
 * Calls, orders or requests that wait for their answers, oldest first. Not a Map or a Set: V8 copies the table of
 * one from time to time as its entries change, and where it has become an old object, each earlier copy keeps
 * everything that it held from being collected with the young objects (docs/adr/0038).
 */
export class InFlight<Item extends object> {
  #first: Flight<Item> | null = null;
  #last: Flight<Item> | null = null;

  add(item: Item): Flight<Item> {
    const flight: Flight<Item> = { item, before: this.#last, after: null, isOver: false };
    if (this.#last) this.#last.after = flight;
    else this.#first = flight;
    this.#last = flight;
    return flight;
  }

  /** Whether it was still there. */
  remove(flight: Flight<Item>): boolean {
    if (flight.isOver) return false;
    const { before, after } = flight;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    flight.before = null;
    flight.after = null;
    flight.isOver = true;
    return true;
  }

  /** The oldest for which this holds. Answers mostly come in the order of the questions, so it is found at once. */
  find(isIt: (item: Item) => boolean): Flight<Item> | null {
    for (let one = this.#first; one; one = one.after) if (isIt(one.item)) return one;
    return null;
  }

  /** All that are there now, oldest first. */
  items(): Item[] {
    const items: Item[] = [];
    for (let one = this.#first; one; one = one.after) items.push(one.item);
    return items;
  }

  /** The same, and removes them. */
  takeAll(): Item[] {
    const items = this.items();
    while (this.#first) this.remove(this.#first);
    return items;
  }
}
