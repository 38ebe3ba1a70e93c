import { randomUUID } from 'node:crypto';
import { BACKWARDS, binaryEvent, END, jsonEvent, START } from '@eventstore/db-client';
import type { ReadAllOptions, ReadStreamOptions } from '@eventstore/db-client';
import { at, eventsIn, failure, positionsIn, seeded, unlessSilent } from './steps.ts';
import type { Scenario, Scene } from './steps.ts';

/** Far beyond the end of any log that a test meets. */
const FAR = 1_000_000_000n;

/** The results of reads. */
export const readScenarios: Record<string, Scenario> = {
  async 'read: forwards, backwards, counts, ends'(scene) {
    const { stream } = await seeded(scene);
    const typesIn = async (options: ReadStreamOptions): Promise<unknown[]> =>
      (await eventsIn(scene.client.readStream(stream, options))).map(({ type, error }) => type ?? error);
    return [
      await typesIn({}),
      await typesIn({ fromRevision: 7n }),
      await typesIn({ maxCount: 2 }),
      await typesIn({ fromRevision: 20n }),
      await typesIn({ direction: BACKWARDS, fromRevision: END, maxCount: 2 }),
      await typesIn({ direction: BACKWARDS, fromRevision: 3n }),
      await typesIn({ direction: BACKWARDS, fromRevision: START }),
      await eventsIn(scene.client.readStream(scene.newStream())),
    ];
  },

  async 'read: what a recorded event holds'(scene) {
    const { stream } = await seeded(scene, 1);
    for await (const { event, link, commitPosition } of scene.client.readStream(stream)) {
      if (!event) break;
      return {
        keys: Object.keys(event).sort(),
        id: typeof event.id,
        revision: typeof event.revision,
        created: event.created instanceof Date && Math.abs(Date.now() - event.created.getTime()) < 60_000,
        json: event.isJson,
        metadata: event.metadata,
        position: [typeof event.position?.commit, typeof event.position?.prepare],
        link: link ?? null,
        commitPosition: typeof commitPosition,
      };
    }
    return null;
  },

  async 'read all: start inclusive forwards, exclusive backwards'(scene) {
    const { stream } = await seeded(scene);
    const positions = await positionsIn(scene, stream);
    const fromPosition = positions[4] ?? START;
    const rises = positions.every((position, i) => {
      const before = positions[i - 1];
      if (!before || position.commit > before.commit) return true;
      return position.commit === before.commit && position.prepare >= before.prepare;
    });
    return [
      await typesOf(scene, stream, { fromPosition, maxCount: 3 }),
      await typesOf(scene, stream, { fromPosition, direction: BACKWARDS, maxCount: 3 }),
      rises,
    ];
  },

  async 'positions: commit equals prepare for an append of one or several events'(scene) {
    const { stream, result } = await seeded(scene, 3);
    const positions = await positionsIn(scene, stream);
    return {
      same: positions.every(({ commit, prepare }) => commit === prepare),
      appended: result.position?.commit === positions.at(-1)?.commit,
    };
  },

  async 'metadata and data come back as sent'(scene) {
    const stream = scene.newStream();
    await scene.client.appendToStream(stream, [
      jsonEvent({
        id: randomUUID(),
        type: 'T',
        data: { a: [1, { b: 'ñ€😀' }], z: null },
        metadata: { $correlationId: 'c1', $causationId: 'c2', actor: { account: 'x' } },
      }),
      binaryEvent({ type: 'B', data: Buffer.from([0, 255, 7]) }),
    ]);
    const found: unknown[] = [];
    for await (const { event } of scene.client.readStream(stream)) {
      if (!event) continue;
      const { type, isJson, data, metadata } = event;
      found.push({
        type,
        json: isJson,
        data: data instanceof Uint8Array ? [...data] : data,
        metadata: metadata && !(metadata instanceof Uint8Array) ? metadata : null,
      });
    }
    return found;
  },

  // A position that the log does not have occurs with another log, or an older state of it (a restored backup).
  async 'read all: from a position beyond the end'(scene) {
    const { stream } = await seeded(scene, 3);
    const last = (await positionsIn(scene, stream)).at(-1);
    const fromPosition = at((last?.commit ?? 0n) + FAR);
    const types = (options: ReadAllOptions): Promise<unknown> =>
      unlessSilent(typesOf(scene, stream, options).catch(failure));
    return [
      await types({ fromPosition, maxCount: 2 }),
      await types({ fromPosition, direction: BACKWARDS, maxCount: 2 }),
    ];
  },

  async 'read all: from a position between two events'(scene) {
    const { stream } = await seeded(scene, 3);
    const [, second] = await positionsIn(scene, stream);
    const fromPosition = at((second?.commit ?? 0n) + 7n);
    const count = (options: ReadAllOptions): Promise<unknown> =>
      unlessSilent(countOf(scene, options).catch(failure));
    return [
      await count({ fromPosition, maxCount: 1 }),
      await count({ fromPosition, direction: BACKWARDS, maxCount: 1 }),
    ];
  },
};

/** The types of one stream's events in a read of all. */
async function typesOf({ client }: Scene, stream: string, options: ReadAllOptions): Promise<string[]> {
  const types: string[] = [];
  for await (const { event } of client.readAll(options))
    if (event?.streamId === stream) types.push(event.type);
  return types;
}

async function countOf({ client }: Scene, options: ReadAllOptions): Promise<number> {
  let count = 0;
  for await (const { event } of client.readAll(options)) count += event ? 1 : 0;
  return count;
}
