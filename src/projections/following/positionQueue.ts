import type { Position } from '../../events/eventStore.ts';

/** Names ordered by position, lowest first: a binary heap. */
export interface PositionQueue {
  readonly size: number;
  add(name: string, position: Position): void;
  /** Removes and returns the names at or below `position`. Takes time only for those. */
  takeUpTo(position: Position): string[];
  clear(): void;
}

interface Entry {
  name: string;
  position: Position;
}

export function positionQueue(): PositionQueue {
  let heap: Entry[] = [];

  function rise(entry: Entry): void {
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry;
      if (parent.position <= entry.position) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** Puts `entry` at the top and moves it below lower ones. */
  function sink(entry: Entry): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const [left, right] = [heap[below] as Entry, heap[below + 1]];
      if (right && right.position < left.position) below += 1;
      const child = heap[below] as Entry;
      if (child.position >= entry.position) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = entry;
  }

  function takeFirst(): Entry {
    const first = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length > 0) sink(last);
    return first;
  }

  return {
    get size() {
      return heap.length;
    },
    add(name, position) {
      rise({ name, position });
    },
    takeUpTo(position) {
      const taken: string[] = [];
      while (heap[0] && heap[0].position <= position) taken.push(takeFirst().name);
      return taken;
    },
    clear() {
      heap = [];
    },
  };
}
