import type { RecordedEvent } from '../../events/eventStore.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';

/**
 * Follows the log: takes the events of some streams in order and stores its checkpoint. A view's
 * generation is one (see Projection). A consumer that only passes on new events and is never rebuilt
 * needs no more than this.
 */
export interface Consumer {
  name: string;
  /** Prefixes of the streams whose events it takes. */
  prefixes: readonly string[];
  /** Its stored checkpoint; null before the first event. */
  checkpoint(): Promise<Checkpoint | null>;
  /**
   * Gets the events of the next batch while it may still be applying those `before` them: what they need may
   * be read meanwhile. Whether they are applied later is not certain.
   */
  prepare?(events: readonly RecordedEvent[], before: readonly RecordedEvent[]): void;
  /** Applies the events and moves the checkpoint; `refused` if the checkpoint was not `from`. */
  apply(
    events: readonly RecordedEvent[],
    from: Checkpoint | null,
    to: Checkpoint,
  ): Promise<'written' | 'refused'>;
}
