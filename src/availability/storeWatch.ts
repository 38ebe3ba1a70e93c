import { withinMs, type Deadline } from '../platform/deadline.ts';
import { monotonicClock, type MonotonicClock } from '../platform/clock.ts';
import { InFlight } from '../platform/concurrency/inFlight.ts';

/**
 * The watch counts time in ticks of 100 ms. A late tick counts once, so that a stall of this
 * process does not make a store look away.
 */
const TICK_MS = 100;
/** Ticks that a call may take before the store is probed. */
const MAX_CALL_TICKS = 2;
/** Ticks without an answer to the probe or another call after which the store counts as away. */
const MAX_PROBE_TICKS = 6;
/**
 * Ticks without any call after which a probe is sent, so that an outage is known before the next
 * request.
 */
const IDLE_TICKS = 10;
/** Ticks between probes of a store that is away. */
const AWAY_TICKS = 3;

/** A store that does not answer. */
export interface Away {
  /** RFC 3339 instant. */
  since: string;
}

/** Whether a store answers, as known from calls and probes. */
export interface StoreWatch {
  /** Null while the store answers. */
  away(): Away | null;
  /**
   * Runs a call and settles as it does. Rejects at once while the store is away, and a running call
   * as soon as the outage is known.
   */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Stops the probes. Calls still run. */
  stop(): void;
}

export interface StoreWatchOptions {
  /** A cheap read; it must end by its deadline. */
  probe(deadline: Deadline): Promise<unknown>;
  /** Whether a call that failed with this error may not have been answered. */
  isUnanswered(error: unknown): boolean;
  /** The error for a call that is not made, or was cut off (`begun`), because the store is away. */
  refusal(away: Away, begun: boolean): Error;
  /** RFC 3339 instant. */
  now(): string;
  /** Called when the store goes away, with the last known reason, and when it is back (null). */
  onChange(away: Away | null, reason: unknown): void;
  clock?: MonotonicClock;
}

interface Call {
  ticks: number;
  cut(error: Error): void;
}

/** Watches a store until stopped. The store counts as answering at first. */
export function watchStore(options: StoreWatchOptions): StoreWatch {
  const { probe, isUnanswered, refusal, now, onChange, clock = monotonicClock } = options;
  const stopping = new AbortController();
  const calls = new InFlight<Call>();
  let away: Away | null = null;
  let probing: { ticks: number } | null = null;
  /** Ticks since the store's last answer or the last probe. */
  let quietTicks = 0;

  function answered(): void {
    quietTicks = 0;
    if (probing) probing.ticks = 0;
  }

  function goAway(reason: unknown): void {
    if (away) return;
    away = { since: now() };
    onChange(away, reason);
    for (const call of calls.takeAll()) call.cut(refusal(away, true));
  }

  function comeBack(): void {
    answered();
    if (!away) return;
    away = null;
    onChange(null, null);
  }

  async function startProbe(): Promise<void> {
    if (probing || stopping.signal.aborted) return;
    const own = { ticks: 0 };
    probing = own;
    quietTicks = 0;
    let failure: unknown = null;
    try {
      await withinMs((MAX_PROBE_TICKS + 1) * TICK_MS, probe, clock);
    } catch (error) {
      if (isUnanswered(error)) failure = error;
    }
    // An abandoned probe has been counted already.
    if (probing !== own) return;
    probing = null;
    quietTicks = 0;
    if (failure !== null) goAway(failure);
    else comeBack();
  }

  function tick(): void {
    quietTicks += 1;
    let isSlow = false;
    for (const call of calls.items()) {
      call.ticks += 1;
      isSlow ||= call.ticks >= MAX_CALL_TICKS;
    }
    if (probing) {
      probing.ticks += 1;
      if (probing.ticks < MAX_PROBE_TICKS) return;
      probing = null;
      quietTicks = 0;
      goAway(null);
      return;
    }
    const dueTicks = away ? AWAY_TICKS : isSlow ? MAX_CALL_TICKS : IDLE_TICKS;
    if (quietTicks >= dueTicks) void startProbe();
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(TICK_MS, stopping.signal);
      tick();
    }
  }
  void watch();

  function run<T>(call: () => Promise<T>): Promise<T> {
    if (away) return Promise.reject(refusal(away, false));
    return new Promise<T>((resolve, reject) => {
      const own = calls.add({ ticks: 0, cut: reject });
      const succeed = (value: T): void => {
        calls.remove(own);
        answered();
        resolve(value);
      };
      const fail = (error: Error): void => {
        calls.remove(own);
        if (isUnanswered(error)) void startProbe();
        else answered();
        reject(error);
      };
      try {
        call().then(succeed, fail);
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  return {
    away: () => away,
    run,
    stop() {
      stopping.abort();
    },
  };
}
