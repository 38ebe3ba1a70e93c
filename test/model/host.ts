import type { Clock, MonotonicClock as Timer } from '../../src/platform/clock.ts';
import { anyDelay, type Random } from './random.ts';
import { pause, type Simulation } from './simulation.ts';

/** 2026-01-01; wall clocks of hosts differ from it by up to MAX_SKEW_MS. */
const EPOCH = Date.UTC(2026, 0, 1);
const MAX_SKEW_MS = 2_000;
const MAX_PROMPT_MS = 2;

/** The machine that one process runs on: it can be killed, paused, and cut off from a store. */
export interface Host {
  readonly name: string;
  readonly random: Random;
  readonly isDead: boolean;
  readonly isPaused: boolean;
  /** The wall clock of this host, and waits that are measured on it. */
  readonly clock: Clock;
  readonly timer: Timer;
  /** Settles when a message has arrived somewhere else. */
  send(signal?: AbortSignal): Promise<void>;
  /** Settles when a message has arrived here: later while the process is paused, never when it is dead. */
  receive(signal?: AbortSignal): Promise<void>;
  kill(): void;
  pauseFor(ms: number): void;
  cutOff(store: StoreName, ms: number): void;
  isCutOff(store: StoreName): boolean;
  /** Ends its pauses and outages. */
  heal(): void;
}

export type StoreName = 'events' | 'views';

export function createHost(simulation: Simulation, name: string): Host {
  const { clock, note } = simulation;
  const random = simulation.random(name);
  const skew = (random() - 0.5) * 2 * MAX_SKEW_MS;
  const cutOffUntil: Record<StoreName, number> = { events: 0, views: 0 };
  let isDead = false;
  let pausedUntil = 0;

  const delay = (): number => {
    const { slow, slowMs } = simulation.weather;
    return random() < slow ? anyDelay(random, slowMs) : random() * MAX_PROMPT_MS;
  };

  /** A process that does not run notices nothing: neither an answer, nor that it is late. */
  async function awake(): Promise<void> {
    while (clock.now() < pausedUntil) await pause(simulation, pausedUntil - clock.now());
    if (isDead) await new Promise<never>(() => undefined);
  }
  const wait = async (ms: number, signal = new AbortController().signal): Promise<void> => {
    await clock.sleep(ms, signal);
    await awake();
  };

  return {
    name,
    random,
    get isDead() {
      return isDead;
    },
    get isPaused() {
      return clock.now() < pausedUntil;
    },
    clock: { now: () => new Date(EPOCH + clock.now() + skew).toISOString(), wait: (ms) => wait(ms) },
    timer: { now: () => clock.now(), sleep: wait },
    send: async (signal) => {
      await awake();
      await clock.sleep(delay(), signal ?? new AbortController().signal);
    },
    receive: (signal) => wait(delay(), signal),
    kill() {
      note(name, 'is killed');
      isDead = true;
    },
    pauseFor(ms) {
      note(name, `is paused for ${Math.round(ms)} ms`);
      pausedUntil = clock.now() + ms;
    },
    cutOff(store, ms) {
      note(name, `is cut off from the ${store} for ${Math.round(ms)} ms`);
      cutOffUntil[store] = clock.now() + ms;
    },
    isCutOff: (store) => clock.now() < cutOffUntil[store],
    heal() {
      pausedUntil = 0;
      cutOffUntil.events = 0;
      cutOffUntil.views = 0;
    },
  };
}
