import type { Position } from '../../events/eventStore.ts';
import { hasReached } from '../record/viewDeclaration.ts';

/**
 * Most subjects and values remembered; beyond that, all count as ahead of the view until it has
 * caught up.
 */
const MAX_NAMES = 200_000;

/**
 * What this instance has acknowledged or shown that a view may lack, by subject and by held value,
 * so that a read is never older than what was shown before.
 */
export interface AcknowledgedRevisions {
  /** Records that `revision`, at `position`, was acknowledged or shown and holds these values. */
  remember(stream: string, revision: number, position: Position, values?: readonly string[]): void;
  /** Records that an answer about the holder of this value was as of `position`. */
  rememberValue(value: string, position: Position): void;
  /** The revision that an answer must not be older than; Infinity if that was forgotten. */
  atLeast(stream: string): number;
  /**
   * The position that the view must reach before it may say who holds this value; null if it may
   * now.
   */
  until(value: string): Position | null;
  /**
   * Whether a subject ahead of the view satisfies `isWanted`; true if the subjects ahead are
   * unknown.
   */
  some(isWanted: (stream: string, revision: number) => boolean): boolean;
  /** Forgets what the view has reached. Takes time only for what is forgotten. */
  forgetUpTo(position: Position): void;
  /** Increases whenever something was forgotten. */
  forgotten(): number;
  /**
   * Whether so much was recorded since the last `forgetUpTo` that the view's checkpoint should be read
   * again.
   */
  isFull(): boolean;
}

interface Remembered {
  position: Position;
  /** -1 for a value. */
  revision: number;
}

/**
 * `until`: everything up to there counts as shown, by an earlier run of this instance; null:
 * nothing does.
 */
export function acknowledgedRevisions({
  max = MAX_NAMES,
  until = null,
}: { max?: number; until?: Position | null } = {}): AcknowledgedRevisions {
  // Streams' names contain no space, values' names do, so both share one map. It is in the order of
  // additions, nearly that of positions: a name behind one that is still ahead is forgotten later.
  const ahead = new Map<string, Remembered>();
  /** The view's last known position. */
  let reached: Position | null = null;
  /** Set while it is unknown what is ahead: the position at which that ends. */
  let everythingUntil = until;
  let added = 0;
  let forgotten = 0;

  function add(name: string, entry: Remembered): void {
    if (everythingUntil !== null) {
      if (entry.position > everythingUntil) everythingUntil = entry.position;
      return;
    }
    ahead.delete(name);
    ahead.set(name, entry);
    if (ahead.size > max) forgetNames();
  }

  function forgetNames(): void {
    everythingUntil = 0n;
    for (const { position } of ahead.values()) if (position > everythingUntil) everythingUntil = position;
    ahead.clear();
  }

  function addValue(value: string, position: Position): void {
    const known = ahead.get(value);
    if (known === undefined || known.position < position) add(value, { position, revision: -1 });
  }

  return {
    remember(stream, revision, position, values = []) {
      added += 1;
      const known = ahead.get(stream);
      if (known === undefined || known.revision < revision) add(stream, { position, revision });
      for (const value of values) addValue(value, position);
    },
    rememberValue(value, position) {
      added += 1;
      addValue(value, position);
    },
    atLeast: (stream) => (everythingUntil !== null ? Infinity : (ahead.get(stream)?.revision ?? -1)),
    until: (value) => everythingUntil ?? ahead.get(value)?.position ?? null,
    some(isWanted) {
      if (everythingUntil !== null) return true;
      for (const [name, { position, revision }] of ahead) {
        if (revision >= 0 && !hasReached(reached, position) && isWanted(name, revision)) return true;
      }
      return false;
    },
    forgetUpTo(position) {
      added = 0;
      if (!hasReached(reached, position)) reached = position;
      if (everythingUntil !== null && position >= everythingUntil) {
        everythingUntil = null;
        forgotten += 1;
      }
      for (const [name, entry] of ahead) {
        if (entry.position > position) break;
        ahead.delete(name);
        forgotten += 1;
      }
    },
    forgotten: () => forgotten,
    isFull: () => everythingUntil !== null || added > max / 4,
  };
}
