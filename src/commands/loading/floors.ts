import { NO_REVISION } from '../../events/eventStore.ts';

/**
 * The revisions that one command knows of, from conflicts and from its key's record. A store may
 * report an event in a conflict before its reads show it: a read that ends below the floor is too
 * old to answer from.
 */
export interface Floors {
  /** The known revision of a stream; NO_REVISION if the command knows nothing of it. */
  of(stream: string): number;
  raise(stream: string, revision: number): void;
}

export function createFloors(): Floors {
  // Only a conflict or a key raises one: most commands need no map.
  let revisions: Map<string, number> | null = null;
  const of = (stream: string): number => revisions?.get(stream) ?? NO_REVISION;
  return {
    of,
    raise(stream, revision) {
      revisions ??= new Map();
      revisions.set(stream, Math.max(revision, of(stream)));
    },
  };
}
