import { END, eventTypeFilter, START, streamNameFilter } from '@eventstore/db-client';
import type { StreamSubscription, SubscribeToAllOptions } from '@eventstore/db-client';
import { at, follow, hasCaughtUp, hasLiveEvent, logOf, newEvent, positionsIn, seeded } from './steps.ts';
import type { Following, Scenario, Scene } from './steps.ts';

const FAR = 1_000_000_000n;
/** How long to wait for an event that must not arrive. */
const POLL_MS = 3_000;

/** The deliveries of subscriptions. */
export const subscriptionScenarios: Record<string, Scenario> = {
  async 'subscribe to stream: from start, exclusive of a revision, from the end'(scene) {
    const { client } = scene;
    const { stream } = await seeded(scene, 5);
    const appendLive = async (following: Following): Promise<void> => {
      await following.until(hasCaughtUp);
      await client.appendToStream(stream, newEvent('LIVE'));
    };
    return [
      await logOf(client.subscribeToStream(stream), hasLiveEvent, appendLive),
      await logOf(client.subscribeToStream(stream, { fromRevision: 3n }), hasCaughtUp),
      await logOf(client.subscribeToStream(stream, { fromRevision: END }), hasLiveEvent, appendLive),
    ];
  },

  async 'subscribe to all: stream prefix filter, exclusive of a position'(scene) {
    const { client } = scene;
    const { stream } = await seeded(scene, 5);
    await seeded(scene, 5);
    const [, , third] = await positionsIn(scene, stream);
    const filter = streamNameFilter({ prefixes: [stream] });
    const appendLive = async (following: Following): Promise<void> => {
      await following.until(hasCaughtUp);
      await client.appendToStream(stream, newEvent('LIVE'));
    };
    return [
      await logOf(client.subscribeToAll({ filter, fromPosition: START }), hasLiveEvent, appendLive),
      await logOf(client.subscribeToAll({ filter, fromPosition: third ?? START }), hasCaughtUp),
    ];
  },

  async 'subscribe to all: type filters'(scene) {
    const { client } = scene;
    const stream = scene.newStream();
    const tag = stream.replace(/\W/g, '');
    const types = ['A1', 'B1', 'A2'].map((type) => newEvent(`${tag}${type}`));
    await client.appendToStream(stream, types);
    const typesThrough = async (filter: NonNullable<SubscribeToAllOptions['filter']>): Promise<string[]> => {
      const log = await logOf(client.subscribeToAll({ fromPosition: START, filter }), hasCaughtUp);
      return log.map((line) => line.replace(tag, ''));
    };
    return [
      await typesThrough(eventTypeFilter({ prefixes: [`${tag}A`] })),
      await typesThrough(eventTypeFilter({ regex: `^${tag}.1$` })),
    ];
  },

  async 'subscribe to all: a filter that matches nothing still catches up'(scene) {
    await seeded(scene, 5);
    const filter = streamNameFilter({ prefixes: [`${scene.newStream()}-none`] });
    return logOf(scene.client.subscribeToAll({ fromPosition: START, filter }), hasCaughtUp);
  },

  async 'subscribe to all: checkpoints come with a filter'(scene) {
    const { stream } = await seeded(scene, 200);
    let checkpoints = 0;
    const filter = streamNameFilter({
      prefixes: [`${stream}-none`],
      checkpointInterval: 1,
      checkpointReached: () => {
        checkpoints += 1;
      },
    });
    await logOf(scene.client.subscribeToAll({ fromPosition: START, filter }), hasCaughtUp);
    return { some: checkpoints > 0 };
  },

  async 'subscribe: a missing stream'(scene) {
    const stream = scene.newStream();
    const hasEvent = (log: readonly string[]): boolean => log.some((line) => line.startsWith('T@'));
    const log = await logOf(scene.client.subscribeToStream(stream), hasEvent, async () => {
      await scene.client.appendToStream(stream, newEvent());
    });
    return log.filter((line) => line !== 'caughtUp');
  },

  async 'subscribe: one iteration is in order and complete under a busy writer'(scene) {
    const stream = scene.newStream();
    const writing = (async () => {
      for (let i = 0; i < 200; i += 1) await scene.client.appendToStream(stream, newEvent('T', { i }));
    })();
    const revisions = await firstRevisions(scene.client.subscribeToStream(stream), 200);
    await writing;
    return revisions.every((revision, i) => revision === i);
  },

  // Positions that the log does not have occur with another log, or an older state of it (a restored backup).
  async 'subscribe to all: from a position beyond the end, then an append'(scene) {
    const { stream } = await seeded(scene, 2);
    const last = (await positionsIn(scene, stream)).at(-1);
    const following = followFrom(scene, stream, (last?.commit ?? 0n) + FAR);
    await following.until(hasCaughtUp);
    await scene.client.appendToStream(stream, newEvent('LIVE'));
    await Promise.race([
      following.until(hasLiveEvent),
      new Promise((resolve) => setTimeout(resolve, POLL_MS)),
    ]);
    const log = following.log.filter((line) => line !== 'confirmation');
    await following.leave();
    return log;
  },

  async 'subscribe to all: from a position between two events'(scene) {
    const { stream } = await seeded(scene, 3);
    const [, second] = await positionsIn(scene, stream);
    const following = followFrom(scene, stream, (second?.commit ?? 0n) + 7n);
    await following.until((log) => log.some((line) => line.startsWith('error')));
    const log = [...following.log];
    await following.leave();
    return log;
  },
};

function followFrom({ client }: Scene, stream: string, commit: bigint): Following {
  const filter = streamNameFilter({ prefixes: [stream] });
  const subscription = client.subscribeToAll({ fromPosition: at(commit), filter });
  return follow(subscription, ({ error, code }) => `error ${String(error)} ${String(code)}`);
}

async function firstRevisions(subscription: StreamSubscription, count: number): Promise<number[]> {
  const revisions: number[] = [];
  for await (const { event } of subscription) {
    if (event) revisions.push(Number(event.revision));
    if (revisions.length === count) break;
  }
  await subscription.unsubscribe();
  return revisions;
}
