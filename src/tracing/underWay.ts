/**
 * The work in progress in this thread, by name: route templates, commands, views and jobs. Names
 * contain no personal data or ids, so they can be logged and used as metric labels.
 */
export interface UnderWay {
  /** The caller must call `end` once with the same name. */
  begin(name: string): void;
  end(name: string): void;
  /** The names of all work in progress at any time since the last call, sorted. */
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

/** The work in progress in this thread. One per thread, like the event loop. */
export const underWay = createUnderWay();
