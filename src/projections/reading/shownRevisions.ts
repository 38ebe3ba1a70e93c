import type { Position } from '../../events/eventStore.ts';
import { positionQueue } from '../following/positionQueue.ts';

/** Subjects and values remembered at most; past that every one counts as ahead of the view until it has caught up. */
const MAX_NAMES = 200_000;

/**
 * What this instance has acknowledged or shown that a view may not hold yet, so that a read is never older than what was shown before
 * (contract, section 3, "Read your writes"): by subject, and by the values that subjects hold.
 */
export interface AcknowledgedRevisions {
  /** Records that `revision`, at `position` of the log, was acknowledged or shown, and that it holds these values. */
  note(stream: string, revision: number, position: Position, values?: readonly string[]): void;
  /** Records that an answer about the holder of this value was as of `position`. */
  noteValue(value: string, position: Position): void;
  /** The revision that an answer must not be older than; Infinity when that is not known any more. */
  atLeast(stream: string): number;
  /** The position that the view must have reached before it may say who holds this value; null: it may now. */
  until(value: string): Position | null;
  /** Whether one of the subjects that are ahead of the view fulfils `isWanted`; true when they are not known any more. */
  some(isWanted: (stream: string, revision: number) => boolean): boolean;
  /** Forgets what the view has reached. Takes time for what is forgotten, not for what is left. */
  reached(position: Position): void;
  /** Grows whenever something was forgotten. */
  forgotten(): number;
  /** Whether so much has come since the last `reached` that the view's checkpoint should be looked at again. */
  crowded(): boolean;
}

interface Noted {
  position: Position;
  /** -1 for a value. */
  revision: number;
}

/** `until`: everything up to there counts as shown before, by an earlier run of this instance; null: nothing does. */
export function acknowledgedRevisions({
  max = MAX_NAMES,
  until = null,
}: { max?: number; until?: Position | null } = {}): AcknowledgedRevisions {
  // A stream's name has no space in it, a value's has: they share one memory and one order.
  const ahead = new Map<string, Noted>();
  const order = positionQueue();
  /** Set while it is not known what is ahead: the position at which that is over. */
  let everythingUntil = until;
  let notes = 0;
  let forgotten = 0;

  function remember(name: string, noted: Noted): void {
    if (everythingUntil !== null) {
      if (noted.position > everythingUntil) everythingUntil = noted.position;
      return;
    }
    ahead.set(name, noted);
    order.add(name, noted.position);
    if (ahead.size > max) forgetNames();
    // A subject that is written again and again has one entry here and many in the order.
    else if (order.size > 2 * max) putInOrder();
  }

  function forgetNames(): void {
    everythingUntil = 0n;
    for (const { position } of ahead.values()) if (position > everythingUntil) everythingUntil = position;
    ahead.clear();
    order.clear();
  }

  function putInOrder(): void {
    order.clear();
    for (const [name, { position }] of ahead) order.add(name, position);
  }

  function noteValue(value: string, position: Position): void {
    const known = ahead.get(value);
    if (known === undefined || known.position < position) remember(value, { position, revision: -1 });
  }

  return {
    note(stream, revision, position, values = []) {
      notes += 1;
      const known = ahead.get(stream);
      if (known === undefined || known.revision < revision) remember(stream, { position, revision });
      for (const value of values) noteValue(value, position);
    },
    noteValue(value, position) {
      notes += 1;
      noteValue(value, position);
    },
    atLeast: (stream) => (everythingUntil !== null ? Infinity : (ahead.get(stream)?.revision ?? -1)),
    until: (value) => everythingUntil ?? ahead.get(value)?.position ?? null,
    some(isWanted) {
      if (everythingUntil !== null) return true;
      for (const [name, { revision }] of ahead) {
        if (revision >= 0 && isWanted(name, revision)) return true;
      }
      return false;
    },
    reached(position) {
      notes = 0;
      if (everythingUntil !== null && position >= everythingUntil) {
        everythingUntil = null;
        forgotten += 1;
      }
      for (const name of order.takeUpTo(position)) {
        const noted = ahead.get(name);
        if (noted && noted.position <= position) {
          ahead.delete(name);
          forgotten += 1;
        }
      }
    },
    forgotten: () => forgotten,
    crowded: () => everythingUntil !== null || notes > max / 4,
  };
}
