import type { Position } from '../../../eventStore.ts';
import { SilenceError } from './failures.ts';

/** What the server says of events that it stored. */
export interface Stored {
  /** The revision of the last event. */
  revision: number;
  /** Null when the stream was deleted after an earlier append of the same events. */
  position: Position | null;
}

/** Appends of which none is sent after one has failed. */
export interface Series {
  hasFailed: boolean;
}

/** An append until it is answered, or its time is up. */
export class WaitingAppend {
  /** The id in its request, which the answer repeats. */
  readonly id: string;
  readonly stream: string;
  readonly series: Series | null;
  /** What the caller awaits; null if the server has no BatchAppend. */
  readonly answer: Promise<Stored | null>;
  isSent = false;
  isOver = false;
  /** Called once, when it is over. */
  onOver: (() => void) | null = null;
  readonly #timer: NodeJS.Timeout;
  #resolve: (stored: Stored | null) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  /** Fails with SilenceError `ms` from now. */
  constructor(id: string, stream: string, series: Series | null, ms: number) {
    this.id = id;
    this.stream = stream;
    this.series = series;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(
      () => {
        this.settle(new SilenceError(ms, this.isSent));
      },
      Math.max(0, ms),
    );
  }

  settle(outcome: Stored | null | Error): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.#timer);
    const isFailure = outcome === null || outcome instanceof Error;
    if (isFailure && this.series) this.series.hasFailed = true;
    if (outcome instanceof Error) this.#reject(outcome);
    else this.#resolve(outcome);
    this.onOver?.();
  }
}
