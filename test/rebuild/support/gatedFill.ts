import type { EventBatch, EventStore } from '../../../src/events/eventStore.ts';
import { aborted } from '../../../src/platform/aborted.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { buildInThisThread, type BuildGeneration } from '../../../src/projections/rebuild/buildGeneration.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';

/** A fill that reads one event at a time, and waits before each while the gate is closed. */
export interface GatedFill {
  close(): void;
  open(): void;
  /** Events that have come through. */
  passed(): number;
  fill(stores: { store: EventStore; readModel: ReadModel }): BuildGeneration;
}

export function gatedFill(): GatedFill {
  let passed = 0;
  let opened: Promise<void> = Promise.resolve();
  let release = (): void => undefined;

  async function* oneByOne(
    store: EventStore,
    options: Parameters<EventStore['subscribe']>[0],
  ): AsyncGenerator<EventBatch> {
    const stopped = aborted(options.signal);
    for await (const batch of store.subscribe({ ...options, limit: 1 })) {
      await Promise.race([opened, stopped]);
      if (options.signal.aborted) return;
      passed += batch.events.length;
      yield batch;
    }
  }

  return {
    close() {
      opened = new Promise((resolve) => {
        release = resolve;
      });
    },
    open: () => {
      release();
      opened = Promise.resolve();
    },
    passed: () => passed,
    fill: ({ store, readModel }) =>
      buildInThisThread({
        readModel,
        store: { ...store, subscribe: (options) => oneByOne(store, options) },
        clock: systemClock,
      }),
  };
}
