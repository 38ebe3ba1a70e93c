import { EventStoreError, SubjectErasedError } from '../events/eventErrors.ts';
import type { EventStore } from '../events/eventStore.ts';
import { everyCall } from '../platform/everyCall.ts';
import { SETTINGS_STREAM } from '../events/streams.ts';
import { tracedAppend } from '../tracing/tracedEvents.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { watchStore, type Away, type StoreWatch } from './storeWatch.ts';

/** Both stores as requests use them, and whether they answer. */
export interface WatchedStores {
  store: EventStore;
  readModel: ReadModel;
  /** Per store, since when it is away; null if it answers. */
  away(): StoresAway;
  /** Stops watching; the stores stay open. */
  stop(): void;
}

export interface StoresAway {
  eventStore: Away | null;
  readModel: Away | null;
}

export const NOTHING_AWAY: StoresAway = { eventStore: null, readModel: null };

/** The names of the stores in logs, metrics and answers. */
export const STORE_NAMES = { eventStore: 'event store', readModel: 'read model' } as const;

/** Logs stores that go away and come back. */
type WatchLogger = Record<'info' | 'warn', (fields: object, text: string) => void>;

/**
 * Watches both stores: a call to a store that is away is refused at once, and a running one ends
 * when the outage is known, within a second. `probed`: the view whose record is read to probe the
 * read model.
 */
export function watchStores(
  stores: { store: EventStore; readModel: ReadModel },
  { now, logger, probed }: { now(): string; logger: WatchLogger; probed: ViewDeclaration },
): WatchedStores {
  const onChange =
    (name: string) =>
    (away: Away | null, reason: unknown): void => {
      if (!away) logger.info({ store: name }, `the ${name} answers again`);
      else logger.warn({ store: name, reason: reasonOf(reason) }, `the ${name} does not answer`);
    };
  const events = watchStore({
    probe: (deadline) => stores.store.readStream(SETTINGS_STREAM, { limit: 1, deadline }),
    isUnanswered: (error) => error instanceof EventStoreError && !(error instanceof SubjectErasedError),
    refusal: ({ since }, begun) =>
      new EventStoreError(`the event store has not answered since ${since}`, { outcomeUnknown: begun }),
    now,
    onChange: onChange(STORE_NAMES.eventStore),
  });
  const views = watchStore({
    probe: () => stores.readModel.controls.read(probed),
    isUnanswered: (error) => error instanceof ReadModelError,
    refusal: ({ since }) => new ReadModelError(`the read model has not answered since ${since}`),
    now,
    onChange: onChange(STORE_NAMES.readModel),
  });
  return {
    store: watchedEventStore(stores.store, events),
    readModel: watchedReadModel(stores.readModel, views),
    away: () => ({ eventStore: events.away(), readModel: views.away() }),
    stop() {
      events.stop();
      views.stop();
    },
  };
}

const reasonOf = (reason: unknown): string => (reason instanceof Error ? reason.message : 'no answer');

const watchedEventStore = (store: EventStore, watch: StoreWatch): EventStore => ({
  ...store,
  append: (appends, options) => tracedAppend(appends, () => watch.run(() => store.append(appends, options))),
  readStream: (...args) => watch.run(() => store.readStream(...args)),
  readStreams: (...args) => watch.run(() => store.readStreams(...args)),
  readAll: (...args) => watch.run(() => store.readAll(...args)),
  head: (...args) => watch.run(() => store.head(...args)),
  countAfter: (...args) => watch.run(() => store.countAfter(...args)),
  holds: (...args) => watch.run(() => store.holds(...args)),
  reaches: (...args) => watch.run(() => store.reaches(...args)),
});

function watchedReadModel(readModel: ReadModel, watch: StoreWatch): ReadModel {
  const { controls } = readModel;
  return {
    ...readModel,
    controls: everyCall(controls, watch.run),
    shown: (view) => everyCall(readModel.shown(view), watch.run),
    shownRows: (view) => everyCall(readModel.shownRows(view), watch.run),
    open: async (...args) => everyCall(await watch.run(() => readModel.open(...args)), watch.run),
    openRows: async (...args) => everyCall(await watch.run(() => readModel.openRows(...args)), watch.run),
    generations: (...args) => watch.run(() => readModel.generations(...args)),
    drop: (...args) => watch.run(() => readModel.drop(...args)),
  };
}
