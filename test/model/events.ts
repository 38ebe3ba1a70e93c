import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventBatch, EventStore } from '../../src/events/eventStore.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { createCalls, throughCalls } from './calls.ts';
import type { Host } from './host.ts';
import { anyDelay } from './random.ts';
import { pause, type Simulation } from './simulation.ts';

/** The most events that a subscription of the model delivers at a time: batches of two readers end at different places. */
const MAX_BATCH = 6;

/**
 * The log as a cluster holds it: an append is checked against what is written, and acknowledged and shown to readers once it is
 * replicated.
 */
export interface ReplicatedLog {
  written: MemoryLog;
  shown: MemoryLog;
  /** When each event was written and shown, in the order of the log. */
  times: { writtenAt: number; shownAt: number }[];
}

/** `replicationMs`: the longest that replication takes. */
export function createLog(simulation: Simulation, replicationMs: number): ReplicatedLog {
  const { clock } = simulation;
  const random = simulation.random('replication');
  const log: ReplicatedLog = { written: memoryLog(), shown: memoryLog(), times: [] };

  function show(): void {
    const next = log.shown.events.length;
    log.shown.events.push(...log.written.events.slice(next));
    for (const time of log.times.slice(next)) time.shownAt = clock.now();
    log.shown.news.call();
  }
  log.written.news.call = () => {
    while (log.times.length < log.written.events.length)
      log.times.push({ writtenAt: clock.now(), shownAt: Infinity });
    if (replicationMs === 0) show();
    else void pause(simulation, anyDelay(random, replicationMs)).then(show);
  };
  return log;
}

const unreachable = (outcomeUnknown: boolean): EventStoreError =>
  new EventStoreError('the event store does not answer', { outcomeUnknown });

/** The log as one host reaches it. */
export function eventStoreOf(simulation: Simulation, host: Host, log: ReplicatedLog): EventStore {
  const calls = createCalls(simulation, host, 'events', unreachable);
  const reads = memoryEventStore(log.shown);
  // An append over several streams is not atomic: its host may die or lose its connection between two of them.
  const appends = memoryEventStore(log.written, async (what) => {
    await host.receive();
    if (host.random() >= simulation.weather.failed) return;
    simulation.note(host.name, `${what}: fails between two streams`);
    throw unreachable(true);
  });

  async function replicated(): Promise<void> {
    const { shown, written } = log;
    const end = written.events.length;
    while (shown.events.length < end) await shown.news.wait(shown.news.calls(), new AbortController().signal);
  }

  async function* subscribe(options: Parameters<EventStore['subscribe']>[0]): AsyncGenerator<EventBatch> {
    await calls.connected(options.signal);
    const limit = Math.min(options.limit, 1 + Math.floor(host.random() * MAX_BATCH));
    for await (const batch of reads.subscribe({ ...options, limit })) {
      await calls.connected(options.signal);
      if (options.signal.aborted) return;
      yield batch;
    }
  }

  return {
    ...throughCalls(reads, 'log', calls),
    append: (streams, options) =>
      calls.call(
        `append ${streams.map(({ stream, expected }) => `${stream}@${expected + 1}`).join(' ')}`,
        async () => {
          const result = await appends.append(streams);
          simulation.note(host.name, `append ${streams.at(-1)?.stream ?? ''}: ${result.outcome}`);
          // A conflict, too, is only answered when reads show what is in the way.
          await replicated();
          return result;
        },
        options?.deadline,
      ),
    subscribe,
  };
}
