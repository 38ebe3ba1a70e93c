import fc from 'fast-check';
import type { Ask } from './requests.ts';
import type { Weather } from './simulation.ts';

/** Everything that somebody or something does in a run. */
export type ActKind =
  | 'send'
  | 'burst'
  | 'visit'
  | 'read'
  | 'list'
  | 'rebuild'
  | 'rollback'
  | 'verify'
  | 'pause-job'
  | 'resume-job'
  | 'cancel-job'
  | 'break-view'
  | 'repair-view'
  | 'retry'
  | 'skip'
  | 'lose-lease'
  | 'kill'
  | 'pause-process'
  | 'cut-off-events'
  | 'cut-off-views';

export interface Act {
  /** Milliseconds after the start. */
  at: number;
  kind: ActKind;
  /** On which instance, or to which. */
  instance: number;
  /** Which request, person or view. */
  n: number;
  /** For how long. */
  ms: number;
}

/** One run, but for the order of what happens at the same time, which follows from `seed`. */
export interface Plan {
  seed: number;
  weather: Weather;
  replicationMs: number;
  /** Whether the read model writes data and checkpoint in one step. */
  isAtomic: boolean;
  asks: readonly Ask[];
  acts: readonly Act[];
}

/** What one kind of world is made of. */
export interface WorldKind {
  name: string;
  /** What may happen; an act that is named twice happens twice as often. */
  acts: readonly ActKind[];
  /** How long faults and requests go on, in milliseconds. */
  activeMs: number;
  leastActs: number;
  mostActs: number;
  keepsViews: boolean;
  /** Persons that are there, and in the views, before anything goes wrong. */
  people: number;
  asks: fc.Arbitrary<Ask[]>;
  weather: fc.Arbitrary<Weather>;
  replicationMs: fc.Arbitrary<number>;
  /** The longest cut or pause. */
  mostOutageMs: number;
  promises: readonly Checked[];
}

/** Promises of the engine that are looked at while a run goes on and at its end; all but these always are. */
export type Checked = 'ends-in-time' | 'view-moves';

export const PEOPLE = ['ana', 'ben', 'eva'];
const DNIS = ['1', '2', '3'];

const keyed = (
  ask: fc.Arbitrary<Omit<Ask, 'key'> & { isKeyed: boolean }>,
  mostAsks = 6,
): fc.Arbitrary<Ask[]> =>
  fc
    .array(ask, { minLength: 2, maxLength: mostAsks })
    .map((some) => some.map(({ isKeyed, ...rest }, n) => ({ ...rest, key: isKeyed ? `key-${n}` : null })));

/** Requests that want values of each other. */
export const CONTESTED = keyed(
  fc.record({
    kind: fc.constantFrom<Ask['kind']>('update', 'update', 'update', 'register'),
    cuenta: fc.constantFrom(...PEOPLE),
    dni: fc.constantFrom(null, null, ...DNIS),
    telefono: fc.constantFrom(null, 'A', 'B'),
    isKeyed: fc.boolean(),
  }),
);

/** Requests of one person, which may change nothing, most of them to be repeated under their keys. */
export const REPEATED = keyed(
  fc.record({
    kind: fc.constant<Ask['kind']>('update'),
    cuenta: fc.constant('ana'),
    dni: fc.constant(null),
    telefono: fc.constantFrom('A', 'B'),
    isKeyed: fc.constantFrom(true, false),
  }),
  3,
);

export const CALM_WEATHER = fc.constant<Weather>({ slow: 0, slowMs: 1, failed: 0, lost: 0, late: 0 });

export const ANY_WEATHER: fc.Arbitrary<Weather> = fc.record({
  slow: fc.constantFrom(0.05, 0.2, 0.5),
  slowMs: fc.constantFrom(50, 500, 3_000),
  failed: fc.constantFrom(0, 0, 0.02),
  lost: fc.constantFrom(0, 0, 0.02),
  late: fc.constantFrom(0, 0, 0.02),
});

/** Most messages are slow: what was read is old by the time it is used. */
export const SLOW_WEATHER: fc.Arbitrary<Weather> = fc.record({
  slow: fc.constantFrom(0.5, 0.8),
  slowMs: fc.constantFrom(100, 500),
  failed: fc.constant(0),
  lost: fc.constantFrom(0, 0.02),
  late: fc.constantFrom(0, 0.02),
});

export function planOf({
  acts,
  activeMs,
  leastActs,
  mostActs,
  mostOutageMs,
  ...kind
}: WorldKind): fc.Arbitrary<Plan> {
  const act = fc.record<Act>({
    at: fc.nat(activeMs),
    kind: fc.constantFrom(...acts),
    instance: fc.nat(1),
    n: fc.nat(5),
    ms: fc.integer({ min: 1, max: mostOutageMs }),
  });
  return fc.record({
    seed: fc.noShrink(fc.nat()),
    weather: kind.weather,
    replicationMs: kind.replicationMs,
    isAtomic: fc.boolean(),
    asks: kind.asks,
    acts: fc.array(act, { minLength: leastActs, maxLength: mostActs, size: 'max' }),
  });
}
