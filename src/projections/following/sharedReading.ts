import type { EventBatch, EventStore, Position, SubscribeOptions } from '../../events/eventStore.ts';
import { callAfter, type MonotonicClock } from '../../platform/clock.ts';

/** How long others may join a reading after its start, in milliseconds. */
const MAX_JOIN_MS = 1_000;
/** How many events the first reader may be ahead of the last; these are kept in memory. */
const MAX_AHEAD = 10_000;
/**
 * How long a reading that is catching up waits for its slowest reader, in milliseconds. A live one
 * does not wait.
 */
const MAX_HOLD_MS = 1_000;

/** A batch that was read. `count`: the events up to its end. */
interface Link {
  batch: EventBatch | null;
  count: number;
  next: Link | null;
}

interface Reader {
  signal: AbortSignal;
  /** The last batch that it took; null: it was too far behind and was dropped. */
  at: Link | null;
  wake: () => void;
}

/** What a reader gets next; `too-slow` and `ended` are final. */
type Next = EventBatch | 'too-slow' | 'ended';

/**
 * One subscription whose batches go to several readers. The fastest sets the pace: batches stay in
 * memory until all readers have taken them, at most MAX_AHEAD events. A reader that falls further
 * behind is dropped, so that it neither fills the memory nor delays the others.
 */
export class SharedReading {
  readonly #options: Pick<SubscribeOptions, 'after' | 'limit'>;
  readonly #mostReaders: number;
  readonly #timer: MonotonicClock;
  readonly #stopJoining: () => void;
  readonly #batches: AsyncIterator<EventBatch>;
  readonly #closing = new AbortController();
  readonly #readers = new Set<Reader>();
  /** The start, where others may join; null once it is too late. */
  #start: Link | null;
  #end: Link;
  #over: { error: Error | null } | null = null;
  #isLive = false;
  #isAdvancing = false;
  #pause: AbortController | null = null;

  constructor(
    store: Pick<EventStore, 'subscribe'>,
    options: Omit<SubscribeOptions, 'signal'>,
    { mostReaders, timer }: { mostReaders: number; timer: MonotonicClock },
  ) {
    this.#options = options;
    this.#mostReaders = mostReaders;
    this.#timer = timer;
    this.#start = this.#end = { batch: null, count: 0, next: null };
    this.#stopJoining = callAfter(timer, MAX_JOIN_MS, () => {
      this.#start = null;
      this.#pause?.abort();
    });
    const subscription = store.subscribe({ ...options, signal: this.#closing.signal });
    this.#batches = subscription[Symbol.asyncIterator]();
  }

  get isOver(): boolean {
    return this.#closing.signal.aborted || this.#over !== null;
  }

  /** Whether a reader that starts after `after` can join. */
  isOpenFor({ after, limit }: { after: Position | null; limit: number }): boolean {
    const isSame = this.#options.after === after && this.#options.limit === limit;
    return isSame && !this.isOver && this.#start !== null;
  }

  /**
   * The batches from the start of the reading. Returns the position of the last delivered one if this
   * reader was dropped as too slow; null if the subscription ended or the signal aborted. Throws what
   * the subscription throws.
   */
  async *batches(signal: AbortSignal): AsyncGenerator<EventBatch, { leftAt: Position | null } | null> {
    const reader: Reader = { signal, at: this.#start, wake: () => undefined };
    const onAbort = (): void => {
      reader.wake();
    };
    signal.addEventListener('abort', onAbort);
    this.#readers.add(reader);
    this.#pause?.abort();
    let position = this.#options.after;
    try {
      for (;;) {
        const next = await this.#next(reader);
        if (next === 'ended') return null;
        if (next === 'too-slow') return { leftAt: position };
        position = next.position;
        yield next;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#leave(reader);
    }
  }

  async #next(reader: Reader): Promise<Next> {
    for (;;) {
      if (reader.signal.aborted) return 'ended';
      if (reader.at === null) return 'too-slow';
      const { next } = reader.at;
      if (next?.batch) {
        reader.at = next;
        this.#pause?.abort();
        return next.batch;
      }
      if (this.#over) {
        if (this.#over.error !== null) throw this.#over.error;
        return 'ended';
      }
      if (!this.#isAdvancing) void this.#advance();
      await new Promise<void>((resolve) => {
        reader.wake = resolve;
      });
    }
  }

  /** Reads one batch and wakes the readers. */
  async #advance(): Promise<void> {
    this.#isAdvancing = true;
    try {
      await this.#waitForOthers();
      const step = await this.#batches.next();
      if (step.done === true) this.#over = { error: null };
      else {
        const batch = step.value;
        const link: Link = { batch, count: this.#end.count + batch.events.length, next: null };
        this.#end = this.#end.next = link;
        this.#isLive ||= batch.caughtUp;
      }
    } catch (error) {
      this.#over = { error: error as Error };
    }
    this.#isAdvancing = false;
    for (const reader of this.#readers) reader.wake();
  }

  /** Waits until joining ends, and for a limited time for the slowest reader. */
  async #waitForOthers(): Promise<void> {
    const isOver = (): boolean => this.#closing.signal.aborted;
    const mayJoin = (): boolean => this.#start !== null && this.#readers.size < this.#mostReaders;
    if (this.#end.count >= MAX_AHEAD) {
      while (!isOver() && mayJoin()) await this.#wait(MAX_JOIN_MS);
      this.#start = null;
    }
    const since = this.#timer.now();
    while (!isOver()) {
      const late = [...this.#readers].filter(({ at }) => at && this.#end.count - at.count >= MAX_AHEAD);
      if (late.length === 0) return;
      const leftMs = this.#isLive ? 0 : since + MAX_HOLD_MS - this.#timer.now();
      if (leftMs > 0) await this.#wait(leftMs);
      else for (const reader of late) reader.at = null;
    }
  }

  /** Waits until a reader moves, at most this long. */
  async #wait(ms: number): Promise<void> {
    this.#pause = new AbortController();
    await this.#timer.sleep(ms, this.#pause.signal);
    this.#pause = null;
  }

  async #leave(reader: Reader): Promise<void> {
    this.#readers.delete(reader);
    this.#pause?.abort();
    if (this.#readers.size > 0) return;
    this.#stopJoining();
    this.#closing.abort();
    await this.#batches.return?.();
  }
}
