import type { RecordedEvent } from '../../events/eventStore.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';

/**
 * What follows the log: it takes the events of some streams in order and remembers how far it is.
 * A view's generation is one (see Projection); a consumer that only passes events on, from now on
 * and without ever being rebuilt, needs no more than this.
 */
export interface Consumer {
  name: string;
  /** Prefixes of the streams whose events it takes. */
  prefixes: readonly string[];
  /** How far it is; null before the first event. */
  checkpoint(): Promise<Checkpoint | null>;
  /** Applies the events and moves the checkpoint; `refused` if the checkpoint was not `from`. */
  apply(
    events: readonly RecordedEvent[],
    from: Checkpoint | null,
    to: Checkpoint,
  ): Promise<'written' | 'refused'>;
}
