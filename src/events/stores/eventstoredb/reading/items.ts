import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SilenceError } from '../failures.ts';

/** A read or a subscription of the client's. */
export type ClientStream = Readable & ({ cancel(): Promise<void> } | { unsubscribe(): Promise<void> });

/** Leaving the call takes the channel, and the channel can take as long as discovery does: do not wait for that. */
const LEAVE_MS = 1000;
/** Put into the queue, it wakes an iteration that waits. */
const STOP = Symbol('stop');

export interface Patience {
  /** The longest wait for the next item, in milliseconds. The time that the consumer takes does not count. */
  silenceMs: number;
  /** Measure the silence only until the subscription is confirmed: after that, nothing may come for long. */
  untilConfirmed?: boolean;
  /** Ends the iteration, without an error, when aborted. */
  signal?: AbortSignal;
}

/**
 * The items of a read or subscription, in order, with the call cancelled however the iteration is left: leaving a
 * `for await` alone does not cancel it. Throws SilenceError when the patience is at its end, and the client's error otherwise.
 */
export async function* itemsOf<T>(
  stream: ClientStream,
  { silenceMs, untilConfirmed = false, signal }: Patience,
): AsyncGenerator<T> {
  let waiting = true;
  let silent = false;
  let confirmed = false;
  const silence = setTimeout(() => {
    if (!waiting || confirmed) return;
    silent = true;
    stop();
  }, silenceMs);
  const stop = (): void => {
    stream.push(STOP);
  };
  const stopped = (): 'silence' | 'abort' | null => (silent ? 'silence' : signal?.aborted ? 'abort' : null);
  // The client emits errors by hand, also when nobody iterates any more; without a listener that ends the process.
  stream.on('error', () => undefined);
  stream.on('confirmation', () => {
    confirmed = untilConfirmed;
  });
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (stopped()) return;
    for await (const item of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<T>) {
      if (stopped()) break;
      waiting = false;
      yield item;
      if (stopped()) break;
      waiting = true;
      silence.refresh();
    }
    if (stopped() === 'silence') throw new SilenceError(silenceMs);
  } catch (error) {
    // See `within`: the client repairs its channel in the microtasks after a failure.
    await nextTurn();
    if (!signal?.aborted) throw error;
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', stop);
    await leave(stream);
  }
}

async function leave(stream: ClientStream): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LEAVE_MS);
  });
  const left = 'cancel' in stream ? stream.cancel() : stream.unsubscribe();
  // A call that never came to be cannot be cancelled, which is fine.
  await Promise.race([left.catch(() => undefined), enough]);
  clearTimeout(timer);
  // Only what has been read to its end is forgotten by the client; else its dispose() waits for it for ever.
  stream.resume();
}
