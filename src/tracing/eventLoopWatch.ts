import { monotonicClock, type MonotonicClock } from '../platform/clock.ts';
import type { UnderWay } from './underWay.ts';

/** How often the event loop is checked, in milliseconds; also the precision of a stall. */
const TICK_MS = 10;
/** How long a stall is remembered, in milliseconds. */
const WINDOW_MS = 60_000;
/** The shortest stall reported to `onStall`, in milliseconds. */
const MIN_REPORTED_STALL_MS = 200;
/** The shortest time between two reports, in milliseconds. */
const MIN_REPORT_GAP_MS = 10_000;

/** A time in which the event loop did not run and every request waited. */
export interface Stall {
  ms: number;
  /** When it ended, RFC 3339. */
  at: string;
  /** The work in progress, by name. The cause may be something else, such as garbage collection. */
  during: readonly string[];
}

export interface EventLoopWatch {
  /** The longest stall of the last minute; null before the first check. */
  longest(): Stall | null;
  stop(): void;
}

export interface EventLoopWatchOptions {
  underWay: Pick<UnderWay, 'takeSeen'>;
  /** RFC 3339 instant. */
  now(): string;
  /**
   * Called for stalls of at least MIN_REPORTED_STALL_MS, at most every ten seconds, with the
   * longest since the last call.
   */
  onStall(stall: Stall): void;
  clock?: MonotonicClock;
}

/** Watches this thread's event loop with a timer: a stall is as long as the timer is late. */
export function watchEventLoop({
  underWay,
  now,
  onStall,
  clock = monotonicClock,
}: EventLoopWatchOptions): EventLoopWatch {
  const stopping = new AbortController();
  /** Stalls of the last minute that no later one exceeds; the first is the longest. */
  const stalls: (Stall & { endedMs: number })[] = [];
  let unreported: Stall | null = null;
  let silentUntil = -Infinity;

  function expire(): void {
    while (stalls[0] && clock.now() - stalls[0].endedMs > WINDOW_MS) stalls.shift();
  }

  function report(stall: Stall): void {
    if (stall.ms >= Math.max(MIN_REPORTED_STALL_MS, unreported?.ms ?? 0)) unreported = stall;
    if (!unreported || clock.now() < silentUntil) return;
    silentUntil = clock.now() + MIN_REPORT_GAP_MS;
    onStall(unreported);
    unreported = null;
  }

  function look(lateMs: number): void {
    const during = underWay.takeSeen();
    const stall = { ms: Math.max(0, lateMs), at: now(), during, endedMs: clock.now() };
    while ((stalls.at(-1)?.ms ?? Infinity) <= stall.ms) stalls.pop();
    stalls.push(stall);
    expire();
    report(stall);
  }

  const isOver = (): boolean => stopping.signal.aborted;
  async function watch(): Promise<void> {
    while (!isOver()) {
      const due = clock.now() + TICK_MS;
      await clock.sleep(TICK_MS, stopping.signal);
      if (!isOver()) look(clock.now() - due);
    }
  }
  void watch();

  return {
    longest() {
      expire();
      return stalls[0] ?? null;
    },
    stop() {
      stopping.abort();
    },
  };
}
