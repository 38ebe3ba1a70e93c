import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { randomFor, type Random } from './random.ts';

/** How calls between a process and a store go wrong. Probabilities are for each call. */
export interface Weather {
  /** A message is slow instead of taking up to 2 ms. */
  slow: number;
  /** The longest that a slow message takes. */
  slowMs: number;
  /** The call fails before it has done anything. */
  failed: number;
  /** The call is done, its answer never arrives. */
  lost: number;
  /** The caller gives up, the call is done later. */
  late: number;
}

export const CALM: Weather = { slow: 0, slowMs: 1, failed: 0, lost: 0, late: 0 };

/** What all parts of one run share: virtual time, chance, and the record of what happened. */
export interface Simulation {
  clock: ManualClock;
  readonly weather: Weather;
  /** A generator of numbers for one purpose. */
  random(name: string): Random;
  /** Records what happened, for the report of a failure. */
  note(who: string, what: string): void;
  setWeather(weather: Weather): void;
  /** Records that a promise of the engine is broken. The run goes on: the first one is reported. */
  broken(promise: string): void;
  /** Runs at each moment at which something was stored. */
  watchers: (() => void)[];
  stored(): void;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

/** A run in calm weather, to begin with. */
export function createSimulation(seed: number): Simulation {
  const clock = manualClock();
  const trace: string[] = [];
  const violations: string[] = [];
  let present = CALM;
  const note = (who: string, what: string): void => {
    trace.push(`${clock.now().toFixed(1).padStart(9)} ms  ${who.padEnd(6)} ${what}`);
  };
  const simulation: Simulation = {
    clock,
    get weather() {
      return present;
    },
    random: (name) => randomFor(seed, name),
    note,
    setWeather(weather) {
      present = weather;
    },
    broken(promise) {
      if (violations.includes(promise)) return;
      note('world', `BROKEN: ${promise}`);
      violations.push(promise);
    },
    watchers: [],
    stored() {
      for (const watch of simulation.watchers) watch();
    },
    violations,
    trace,
  };
  return simulation;
}

/** Waits in virtual time. */
export const pause = (simulation: Simulation, ms: number): Promise<void> =>
  simulation.clock.sleep(ms, new AbortController().signal);
