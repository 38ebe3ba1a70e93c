import type { EventMark, Position } from '../../events/eventStore.ts';

/** The position that a view has reached. */
export interface Checkpoint {
  /**
   * Everything up to here is applied. May be beyond the view's own last event, because the log has
   * others.
   */
  position: Position;
  /** The last known event up to there, which identifies the log (see EventStore.holds). */
  event: EventMark | null;
}

export const isSameCheckpoint = (one: Checkpoint | null, other: Checkpoint | null): boolean =>
  one?.position === other?.position && one?.event?.id === other?.event?.id;

/** Whether everything up to `position` is applied; null: an empty log. */
export const hasReached = (
  checkpoint: Pick<Checkpoint, 'position'> | null,
  position: Position | null,
): boolean => position === null || (checkpoint !== null && checkpoint.position >= position);

/** What a view requires of its storage. */
export interface ViewDeclaration {
  name: string;
  /** A new version is built as separate generations next to the old version's. */
  version: number;
  /** The names that documents are looked up by, in lower-case letters; each has an index. */
  lookups?: readonly string[];
}
