import { ReadModelError, type Checkpoint, type ViewDeclaration } from '../../../ports/readModel.ts';
import { whenAnswered } from '../answers.ts';
import type { MongoConnection } from '../connection.ts';
import { controlDocuments, controlId, fromStored, type ControlDocument } from '../controlDocument.ts';

/** Reads of a view from the generation that is live at that moment. */
export interface ShownGeneration {
  /** That of the live generation; null while there is none. */
  checkpoint(): Promise<Checkpoint | null>;
  /**
   * What `ask` answers about the live generation. `saysSomething`: whether an answer can only come from data that is there.
   * Rejects with ReadModelError while no generation is live.
   */
  read<Answer>(
    ask: (generation: number) => Promise<Answer>,
    saysSomething: (answer: Answer) => boolean,
  ): Promise<Answer>;
}

/**
 * Follows the control document of a view. A read asks the generation that was live the last time and the control document at once,
 * so it takes no longer than either; when another one turns out to be live it asks again. What was found is of a generation that was live at
 * some moment of the read. An answer without anything (or an error) may also come from one that was dropped meanwhile: then the
 * control document is asked once more, behind it.
 */
export function followLive(connection: MongoConnection, view: ViewDeclaration): ShownGeneration {
  const documents = controlDocuments(connection);
  const maxTimeMS = connection.timeLimitMs;
  const _id = controlId(view);
  let lastSeen: number | null = null;

  const find = (): Promise<ControlDocument | null> =>
    whenAnswered(() => documents.findOne({ _id }, { projection: { live: 1, generations: 1 }, maxTimeMS }));

  async function liveNow(): Promise<number> {
    const document = await find();
    if (!document || document.live === null) throw new ReadModelError(`${_id} is not built yet`);
    const { live } = document;
    checkpointOf(document, live);
    lastSeen = live;
    return live;
  }

  function checkpointOf({ generations }: ControlDocument, generation: number): Checkpoint | null {
    const stored = generations[`g${generation}`];
    if (!stored) throw new ReadModelError(`${_id} has no generation ${generation} (any more)`);
    return fromStored(stored);
  }

  return {
    async checkpoint() {
      const document = await find();
      return document && document.live !== null ? checkpointOf(document, document.live) : null;
    },

    async read(ask, saysSomething) {
      let generation = lastSeen ?? (await liveNow());
      for (;;) {
        const [answer, live] = await Promise.allSettled([ask(generation), liveNow()]);
        if (live.status === 'rejected') throw live.reason;
        if (answer.status === 'fulfilled' && live.value === generation && saysSomething(answer.value))
          return answer.value;
        const stillLive = live.value === generation ? await liveNow() : live.value;
        if (stillLive === generation) {
          if (answer.status === 'rejected') throw answer.reason;
          return answer.value;
        }
        generation = stillLive;
      }
    },
  };
}
