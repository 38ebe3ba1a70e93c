/**
 * The work in progress in this thread, by name: route templates, commands, views and jobs. Names
 * contain no personal data or ids, so they can be logged and used as metric labels.
 */
export interface UnderWay {
  /** The work of this name. Frequent callers keep it. */
  work(name: string): NamedWork;
  /** The names of all work in progress at any time since the last call, sorted. */
  takeSeen(): string[];
}

/** Work of one name, which may be in progress several times at once. */
export interface NamedWork {
  begin(): void;
  /** The caller must call this once for each `begin`. */
  end(): void;
}

export function createUnderWay(): UnderWay {
  const works = new Map<string, CountedWork>();

  return {
    work(name) {
      const known = works.get(name) ?? new CountedWork();
      works.set(name, known);
      return known;
    },
    takeSeen() {
      const names: string[] = [];
      for (const [name, work] of works) if (work.takeSeen()) names.push(name);
      return names.sort();
    },
  };
}

class CountedWork implements NamedWork {
  #count = 0;
  #isSeen = false;

  begin(): void {
    this.#count += 1;
    this.#isSeen = true;
  }

  end(): void {
    this.#count -= 1;
  }

  takeSeen(): boolean {
    const isSeen = this.#isSeen;
    this.#isSeen = this.#count > 0;
    return isSeen;
  }
}

/** The work in progress in this thread. One per thread, like the event loop. */
export const underWay = createUnderWay();
