import type { Position } from '../events/eventStore.ts';

/** Subjects remembered at most; past that every subject counts as ahead of the views until they have caught up. */
const MOST_SUBJECTS = 100_000;

/**
 * What this instance has acknowledged or shown that a view may not hold yet, so that nobody is shown an older state than before
 * (contract, section 3, "Read your writes").
 */
export interface ShownRevisions {
  /** Takes down that `revision`, at `position` of the log, was acknowledged or shown. */
  note(stream: string, revision: number, position: Position): void;
  /** The revision that an answer must not be older than; Infinity when that is not known any more. */
  atLeast(stream: string): number;
  /** Forgets what the view has reached. */
  reached(position: Position): void;
  /** Whether so much has come since the last `reached` that the view's checkpoint should be looked at again. */
  crowded(): boolean;
}

export function shownRevisions(most = MOST_SUBJECTS): ShownRevisions {
  const ahead = new Map<string, { revision: number; position: Position }>();
  /** Set while more had to be remembered than fits: the position at which that is over. */
  let everythingUntil: Position | null = null;
  let notes = 0;

  return {
    note(stream, revision, position) {
      notes += 1;
      if (everythingUntil !== null) {
        if (position > everythingUntil) everythingUntil = position;
        return;
      }
      const known = ahead.get(stream);
      if (known && known.revision >= revision) return;
      ahead.set(stream, { revision, position });
      if (ahead.size <= most) return;
      everythingUntil = [...ahead.values()].reduce(
        (last, one) => (one.position > last ? one.position : last),
        0n,
      );
      ahead.clear();
    },
    atLeast: (stream) => (everythingUntil !== null ? Infinity : (ahead.get(stream)?.revision ?? -1)),
    reached(position) {
      notes = 0;
      if (everythingUntil !== null && position >= everythingUntil) everythingUntil = null;
      for (const [stream, one] of ahead) {
        if (one.position <= position) ahead.delete(stream);
      }
    },
    crowded: () => everythingUntil !== null || notes > most / 2,
  };
}
