import type { EventMark, Position } from '../../events/eventStore.ts';

/** The position that a view has reached. */
export interface Checkpoint {
  /** Everything up to here is applied. The view's own last event may be earlier. */
  position: Position;
  /** The last known event up to there, which identifies the log (see EventStore.holds). */
  event: EventMark | null;
}

export const isSameCheckpoint = (one: Checkpoint | null, other: Checkpoint | null): boolean =>
  one?.position === other?.position && one?.event?.id === other?.event?.id;

/** Whether a view at `position` (null: nothing is applied) has reached `target` (null: an empty log). */
export const hasReached = (position: Position | null, target: Position | null): boolean =>
  target === null || (position !== null && position >= target);

/** What a view requires of its storage. */
export interface ViewDeclaration {
  name: string;
  /** A new version is built as separate generations next to the old version's. */
  version: number;
  /** The names that documents are looked up by, in lower-case letters; each has an index. */
  lookups?: readonly string[];
}
