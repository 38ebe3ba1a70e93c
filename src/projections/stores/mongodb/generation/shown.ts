import type { MongoConnection } from '../../../../platform/mongodb/connection.ts';
import { ReadModelError } from '../../../record/readModelError.ts';
import type { Checkpoint, ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { answered } from './answered.ts';
import { checkpointIn, CHECKPOINTS, controlDocument } from './controlDocument.ts';

const isFilled = (answer: unknown): boolean => Array.isArray(answer) && answer.length > 0;

/**
 * Reads the generation that was current last and the control document at the same time, so that a
 * read takes no longer than the slower of them; if another generation is current by now, reads that
 * one. A result with data comes from a generation that was current during the read. An empty one, or
 * an error, may come from a generation dropped meanwhile, so the control document is read once more.
 * `readsOf` makes the reads of a generation.
 */
export function followCurrent<Reads>(
  connection: MongoConnection,
  view: ViewDeclaration,
  readsOf: (generation: number) => Reads,
) {
  const control = controlDocument(connection, view);
  let lastSeen: number | null = null;

  /** The current generation; null if there is none. Throws if its data is lost. */
  async function current(): Promise<{ generation: number; checkpoint: Checkpoint | null } | null> {
    const found = await answered(() => control.find(CHECKPOINTS));
    const generation = found?.live ?? null;
    return generation === null ? null : { generation, checkpoint: checkpointIn(found, control, generation) };
  }

  async function currentNow(): Promise<number> {
    const now = await current();
    if (!now) throw new ReadModelError(`${control.id} is not built yet`);
    lastSeen = now.generation;
    return now.generation;
  }

  /**
   * The result of `ask` for the current generation. `saysSomething` is false for a result that a
   * dropped generation would give as well; default: for an empty list. Rejects with ReadModelError if
   * none is current.
   */
  async function read<Answer>(
    ask: (reads: Reads) => Promise<Answer>,
    saysSomething: (answer: Answer) => boolean = isFilled,
  ): Promise<Answer> {
    let generation = lastSeen ?? (await currentNow());
    for (;;) {
      const [answer, live] = await Promise.allSettled([ask(readsOf(generation)), currentNow()]);
      if (live.status === 'rejected') throw live.reason;
      if (answer.status === 'fulfilled' && live.value === generation && saysSomething(answer.value))
        return answer.value;
      const seenAgain = live.value === generation ? await currentNow() : live.value;
      if (seenAgain === generation) {
        if (answer.status === 'rejected') throw answer.reason;
        return answer.value;
      }
      generation = seenAgain;
    }
  }

  return {
    /** The current generation's checkpoint; null if there is none. */
    checkpoint: async () => (await current())?.checkpoint ?? null,
    read,
  };
}
