import type { Position } from '../../events/eventStore.ts';
import { hasReached } from '../record/viewDeclaration.ts';

/** Most subjects and values remembered; with more, all count as ahead until the view has caught up. */
const MAX_NAMES = 200_000;

interface Remembered {
  position: Position;
  /** -1 for a value. */
  revision: number;
}

/**
 * What this instance has acknowledged or shown that a view may lack, by subject and by held value,
 * so that a read is never older than what was shown before. `until`: everything up to there counts as
 * shown, by an earlier run of this instance; null: nothing does.
 */
export function acknowledgedRevisions({
  max = MAX_NAMES,
  until = null,
}: { max?: number; until?: Position | null } = {}) {
  // Streams' names contain no space, values' names do, so both share one map. It is in the order of
  // additions, nearly that of positions: a name behind one that is still ahead is forgotten later.
  const ahead = new Map<string, Remembered>();
  /** The view's last known position. */
  let reached: Position | null = null;
  /** Set while it is unknown what is ahead: the position at which that ends. */
  let everythingUntil = until;
  let added = 0;
  let forgotten = 0;

  /** Remembers the entry unless a later one of the name is known: revisions and positions grow together. */
  function add(name: string, entry: Remembered): void {
    if (everythingUntil !== null) {
      if (entry.position > everythingUntil) everythingUntil = entry.position;
      return;
    }
    const known = ahead.get(name);
    if (known && known.position >= entry.position) return;
    ahead.delete(name);
    ahead.set(name, entry);
    if (ahead.size > max) forgetNames();
  }

  function forgetNames(): void {
    everythingUntil = 0n;
    for (const { position } of ahead.values()) if (position > everythingUntil) everythingUntil = position;
    ahead.clear();
  }

  return {
    /** Records that `revision`, at `position`, was acknowledged or shown and holds these values. */
    remember(stream: string, revision: number, position: Position, values: readonly string[] = []): void {
      added += 1;
      add(stream, { position, revision });
      for (const value of values) add(value, { position, revision: -1 });
    },
    /** Records that an answer about the holder of this value was as of `position`. */
    rememberValue(value: string, position: Position): void {
      added += 1;
      add(value, { position, revision: -1 });
    },
    /** The revision that an answer must not be older than; Infinity if that was forgotten. */
    atLeast: (stream: string): number =>
      everythingUntil !== null ? Infinity : (ahead.get(stream)?.revision ?? -1),
    /** The position that the view must have reached to say who holds this value; null if it may now. */
    until: (value: string): Position | null => everythingUntil ?? ahead.get(value)?.position ?? null,
    /** Whether a subject ahead of the view is wanted; true if it is unknown which ones are ahead. */
    some(isWanted: (stream: string, revision: number) => boolean): boolean {
      if (everythingUntil !== null) return true;
      for (const [name, { position, revision }] of ahead) {
        if (revision >= 0 && !hasReached(reached, position) && isWanted(name, revision)) return true;
      }
      return false;
    },
    /** Forgets what the view has reached. Takes time only for what is forgotten. */
    forgetUpTo(position: Position): void {
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
    /** Increases whenever something was forgotten. */
    forgotten: (): number => forgotten,
    /** Whether the view's checkpoint should be read: much was recorded since the last `forgetUpTo`. */
    isFull: (): boolean => everythingUntil !== null || added > max / 4,
  };
}
