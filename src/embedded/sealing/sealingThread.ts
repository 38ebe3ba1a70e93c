import { LRUCache } from 'lru-cache';
import { availableParallelism } from 'node:os';
import type { MaybeLater } from '../../platform/concurrency/maybeLater.ts';
import { gathered } from '../../platform/concurrency/gathered.ts';
import type { SealerOver } from '../../sealing/opening/sealedStore.ts';
import { MAX_CACHED } from '../../sealing/keyring.ts';
import { sealerWith, type Sealer, type ToSeal } from '../../sealing/sealer.ts';
import { startAnsweringThread, type AnsweringThread } from '../threads/answeringThread.ts';
import { packTexts, type SealingAnswer, type SealingOrder } from './sealingOrders.ts';

/** Keys and texts after which a thread is started: earlier it costs more than it saves. */
const MIN_WORK = 200;
/** Texts that are sealed at once: the caller appends the first ones while the next are sealed. */
const ENOUGH_TEXTS = 64;
/** Most keys per order: texts to seal wait for no more, and each order takes one fsync. */
const MAX_KEYS = 256;

/**
 * Makes keys and seals in a separate thread, for imports: the calling thread reads, decides and appends
 * meanwhile (docs/benchmarks.md). It seals with the keys that it has made. Its results and errors are
 * those of sealerWith. It works in the calling thread until the other one has started, if that one fails
 * or dies, and on a machine with one processor. Opens in the calling thread: a rebuild gained nothing
 * from another.
 */
export const sealInThread: SealerOver = (place, keyring) => {
  const here = sealerWith(keyring);
  /** Which thread has a subject's key in memory: the other would have to ask the key store for it. */
  const keyIn = new LRUCache<string, 'here' | 'there'>({ max: MAX_CACHED });
  let work = availableParallelism() > 1 ? 0 : -Infinity;
  let thread: AnsweringThread<SealingOrder, SealingAnswer> | null = null;
  /** Resolves when the thread has started or failed to; null before. */
  let started: Promise<void> | null = null;
  let isReady = false;

  async function start(): Promise<void> {
    thread = startAnsweringThread('sealing/sealingWorker', { of: 'sealing', task: place });
    isReady = (await ordered({ create: [] })) !== undefined;
  }

  /** Undefined if the thread did not do it. */
  const ordered = async (order: SealingOrder): Promise<readonly string[] | undefined> =>
    (await thread?.ask(order).catch(() => null))?.results;

  /** Whether the thread can take this work; starts it once there is enough. */
  function isReadyFor(amount: number): boolean {
    work += amount;
    if (work >= MIN_WORK) started ??= start();
    return isReady && thread?.hasEnded() === false;
  }

  /** One part after the other, so that sealing need not wait for all of them. */
  async function createThere(subjects: readonly string[]): Promise<('key' | 'erased')[]> {
    const states: ('key' | 'erased')[] = [];
    for (let from = 0; from < subjects.length; from += MAX_KEYS) {
      const part = subjects.slice(from, from + MAX_KEYS);
      const made = await ordered({ create: part });
      states.push(...((made as ('key' | 'erased')[] | undefined) ?? (await here.create(part))));
    }
    return states;
  }

  /** Gives these subjects keys; returns those that were erased. */
  async function createMissing(subjects: readonly string[]): Promise<ReadonlySet<string>> {
    let isThere = isReadyFor(subjects.length);
    // Making many keys here, and sealing with them, takes longer than the thread's start.
    if (!isThere && subjects.length >= MIN_WORK) {
      await started;
      isThere = isReadyFor(0);
    }
    const states = await (isThere ? createThere : here.create)(subjects);
    const erased = new Set(subjects.filter((_, at) => states[at] === 'erased'));
    for (const one of subjects) if (!erased.has(one)) keyIn.set(one, isThere ? 'there' : 'here');
    return erased;
  }

  const stateOf = (subject: string): 'key' | 'erased' => (keyring.isErased(subject) ? 'erased' : 'key');

  const sealed = gathered<ToSeal, string | null>(ENOUGH_TEXTS, async (texts) => {
    const results = await ordered({ seal: packTexts(texts) });
    return (results as string[] | undefined) ?? texts.map(() => null);
  });

  const sealThere = async (texts: readonly ToSeal[]): Promise<string[]> => {
    const envelopes = await sealed(texts);
    const isWhole = texts.every(({ subject }, at) => envelopes[at] !== null && !keyring.isErased(subject));
    // Also finds the error of this call among those that shared an order.
    return isWhole ? (envelopes as string[]) : here.seal(texts);
  };

  const sealer: Sealer = {
    create(subjects) {
      const missing = subjects.filter((one) => !keyIn.has(one));
      if (missing.length === 0) return subjects.map(stateOf);
      return createMissing(missing).then((erased) =>
        subjects.map((one) => (erased.has(one) ? 'erased' : stateOf(one))),
      );
    },
    seal: (texts): MaybeLater<string[]> => {
      const isThere = texts.every(({ subject }) => keyIn.get(subject) === 'there');
      return isThere && isReadyFor(texts.length) ? sealThere(texts) : here.seal(texts);
    },
    open: here.open,
    dropErased(subject, keyId) {
      here.dropErased(subject, keyId);
      thread?.tell({ erased: { subject, keyId } });
    },
  };
  return {
    ...sealer,
    async close() {
      await thread?.stop();
    },
  };
};
