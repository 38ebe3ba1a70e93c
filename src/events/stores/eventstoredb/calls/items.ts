import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SilenceError } from './failures.ts';

/** A read or a subscription of the client. */
export type ClientStream = Readable & ({ cancel(): Promise<void> } | { unsubscribe(): Promise<void> });

/** Cancelling needs the channel, which can take as long as discovery; do not wait for that. */
const MAX_LEAVE_MS = 1000;
/** Pushed into the queue to wake a waiting iteration. */
const STOP = Symbol('stop');

export interface ReadTimeout {
  /**
   * The longest wait for the next item, in milliseconds. The consumer's own time does not count.
   */
  silenceMs: number;
  /** Stop measuring once the subscription is confirmed: after that, long silence is normal. */
  untilConfirmed?: boolean;
  /** Ends the iteration, without an error, when aborted. */
  signal?: AbortSignal;
}

/**
 * The items of a read or subscription, in order. The call is cancelled however the iteration ends,
 * which leaving a `for await` alone does not do. Throws SilenceError after `silenceMs`, otherwise
 * the client's error.
 */
export async function* itemsOf<T>(
  stream: ClientStream,
  { silenceMs, untilConfirmed = false, signal }: ReadTimeout,
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
  // The client also emits errors after the iteration has ended; without a listener they would end
  // the process.
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
    timer = setTimeout(resolve, MAX_LEAVE_MS);
  });
  const left = 'cancel' in stream ? stream.cancel() : stream.unsubscribe();
  // A call that was never made cannot be cancelled; that is fine.
  await Promise.race([left.catch(() => undefined), enough]);
  clearTimeout(timer);
  // The client only forgets calls that were read to the end; otherwise its dispose() waits for them
  // forever.
  stream.resume();
}
