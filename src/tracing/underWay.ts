/**
 * The work that is under way in this thread, by name: templates of routes, commands, views and jobs. Names hold no personal data and no
 * ids, so that they may be logged and used as labels of metrics.
 */
export interface UnderWay {
  /** The caller calls `end` with the same name once. */
  begin(name: string): void;
  end(name: string): void;
  /** The names of what was under way at any time since the last call, in alphabetical order. */
  takeSeen(): string[];
}

export function createUnderWay(): UnderWay {
  const counts = new Map<string, number>();
  let seen = new Set<string>();

  return {
    begin(name) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      seen.add(name);
    },
    end(name) {
      const left = (counts.get(name) ?? 0) - 1;
      if (left > 0) counts.set(name, left);
      else counts.delete(name);
    },
    takeSeen() {
      const names = [...seen].sort();
      seen = new Set(counts.keys());
      return names;
    },
  };
}

/** What is under way in this thread. A thread has one event loop, and so one list of what may hold it. */
export const underWay = createUnderWay();
