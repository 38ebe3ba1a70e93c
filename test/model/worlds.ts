import fc from 'fast-check';
import {
  ANY_WEATHER,
  CALM_WEATHER,
  CONTESTED,
  REPEATED,
  SLOW_WEATHER,
  type ActKind,
  type WorldKind,
} from './plan.ts';

const none = fc.constant(0);
const several = (acts: Partial<Record<ActKind, number>>): ActKind[] =>
  Object.entries(acts).flatMap(([act, times]) => Array.from({ length: times }, () => act as ActKind));

const VIEWS = {
  keepsViews: true,
  people: 3,
  activeMs: 5_000,
  leastActs: 15,
  mostActs: 50,
  mostOutageMs: 4_000,
  asks: CONTESTED,
  weather: ANY_WEATHER,
  replicationMs: none,
  promises: [],
} satisfies Partial<WorldKind>;

/** The kinds of world, each with its own faults: one that is broken does not hide the others. */
export const WORLDS: readonly WorldKind[] = [
  {
    ...VIEWS,
    name: 'two command sides',
    keepsViews: false,
    people: 2,
    activeMs: 3_000,
    acts: several({ send: 12, 'pause-process': 1, kill: 1 }),
  },
  {
    ...VIEWS,
    name: 'requests repeated on two command sides',
    keepsViews: false,
    people: 1,
    activeMs: 400,
    mostOutageMs: 1_000,
    asks: REPEATED,
    weather: SLOW_WEATHER,
    acts: several({ send: 12, 'pause-process': 1, kill: 1 }),
  },
  {
    ...VIEWS,
    name: 'two command sides on a log that shows events later than it checks them',
    keepsViews: false,
    people: 2,
    activeMs: 3_000,
    replicationMs: fc.constantFrom(10, 100, 1_000),
    acts: several({ send: 12, kill: 1 }),
  },
  {
    ...VIEWS,
    name: 'requests while a store does not answer',
    keepsViews: false,
    people: 2,
    activeMs: 20_000,
    mostOutageMs: 15_000,
    weather: CALM_WEATHER,
    acts: several({ send: 6, 'cut-off-events': 1 }),
    promises: ['ends-in-time'],
  },
  {
    ...VIEWS,
    name: 'two holders of a lease',
    acts: several({ burst: 6, visit: 4, 'lose-lease': 4, 'pause-process': 1, kill: 1 }),
  },
  {
    ...VIEWS,
    name: 'a holder that is cut off',
    activeMs: 60_000,
    leastActs: 4,
    mostActs: 12,
    mostOutageMs: 60_000,
    weather: CALM_WEATHER,
    acts: several({ send: 4, 'cut-off-events': 1 }),
    promises: ['view-moves'],
  },
  {
    ...VIEWS,
    name: 'rebuilds and rollbacks',
    acts: several({
      burst: 5,
      visit: 1,
      'lose-lease': 4,
      rebuild: 5,
      rollback: 2,
      'pause-job': 1,
      'resume-job': 1,
      'cancel-job': 1,
      verify: 1,
      kill: 1,
    }),
  },
  {
    ...VIEWS,
    name: 'parked subjects',
    acts: several({ burst: 6, 'break-view': 3, 'repair-view': 2, retry: 6, 'lose-lease': 1, kill: 1 }),
  },
  {
    ...VIEWS,
    name: 'parked subjects and generations',
    activeMs: 8_000,
    acts: several({
      burst: 4,
      'break-view': 2,
      'repair-view': 2,
      retry: 1,
      skip: 2,
      rebuild: 4,
      rollback: 3,
    }),
  },
];
