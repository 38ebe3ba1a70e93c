import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventStore } from '../src/events/eventStore.ts';
import { eventually } from '../test/support/eventually.ts';
import { manyUpdates } from '../test/support/manyEvents.ts';
import { aPersona } from '../test/support/people.ts';
import { startTestService, type TestService } from '../test/support/service.ts';
import { tokenOf } from '../test/support/tokens.ts';

/** Reads of one person's past: the first after a start, and those after it. Sealed embedded stores, one process. */

const REVISIONS = 10_000;
const REPEATS = 200;
/** The monitor's own ticks. */
const RESOLUTION_MS = 1;

interface Taken {
  cpuMs: number;
  tookMs: number;
  /** How long other requests had to wait for the event loop at most. */
  heldMs: number;
}

/** What the answers to these paths take, each. */
async function measured({ send }: TestService, paths: readonly string[]): Promise<Taken[]> {
  const token = tokenOf('admin');
  const taken: Taken[] = [];
  for (const path of paths) {
    const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    loop.enable();
    const cpu = process.cpuUsage();
    const began = performance.now();
    const { status } = await send('GET', path, { token });
    const tookMs = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    await new Promise((resolve) => setTimeout(resolve, 2 * RESOLUTION_MS));
    loop.disable();
    if (status !== 200) throw new Error(`${path}: ${status}`);
    taken.push({ cpuMs: (user + system) / 1_000, tookMs, heldMs: loop.max / 1e6 });
  }
  return taken;
}

function report(name: string, taken: readonly Taken[]): void {
  const cell = (pick: (one: Taken) => number): string => {
    const sorted = taken.map(pick).sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? 0;
    return `${median.toFixed(1)} (${(sorted.at(-1) ?? 0).toFixed(1)})`.padStart(16);
  };
  console.log(
    name.padEnd(24),
    cell((one) => one.tookMs),
    cell((one) => one.cpuMs),
    cell((one) => one.heldMs),
  );
}

/** Prints the table: median and largest, in milliseconds. */
export async function benchPast(): Promise<void> {
  const stores: EventStore[] = [];
  const aroundStore = (store: EventStore): EventStore => {
    stores.push(store);
    return store;
  };
  const running = await startTestService({ aroundStore });
  const { id } = await aPersona(running.service);
  for (const store of stores) await manyUpdates(store, `persona-${id}`, REVISIONS);
  const path = `/api/personas/${id}`;
  // The views of this process have read all of it.
  await eventually('the history is complete', async () => {
    const { body } = await running.send('GET', `${path}/history?limit=1`, { token: tokenOf('admin') });
    return (body as { entries: { revision: number }[] }).entries[0]?.revision === REVISIONS;
  });
  const revisions = Array.from(
    { length: REPEATS },
    (_, n) => REVISIONS - 1 - ((n * 7_919) % (REVISIONS - 1)),
  );
  console.log(`One person with ${REVISIONS} revisions, ms: median (largest)`);
  console.log('                                 answered              CPU   loop held for');
  report('first, of the last', await measured(running, [`${path}?revision=${REVISIONS}`]));
  report(
    'any revision',
    await measured(
      running,
      revisions.map((revision) => `${path}?revision=${revision}`),
    ),
  );
  report(
    'two neighbours compared',
    await measured(
      running,
      revisions.map((revision) => `${path}/diff?from=${revision}&to=${revision + 1}`),
    ),
  );
  report(
    'first and any compared',
    await measured(
      running,
      revisions.map((revision) => `${path}/diff?from=0&to=${revision}`),
    ),
  );
  await running.stop();
}
