import { ANY, NO_STREAM, STREAM_EXISTS } from '@eventstore/db-client';
import type { AppendToStreamOptions, EventData } from '@eventstore/db-client';
import { eventsIn, newEvent, outcomeOf } from './steps.ts';
import type { Scenario, Scene } from './steps.ts';

/** The client's two ways to append: explicit credentials make it use the unary call. */
const PATHS = {
  batch: {},
  unary: { credentials: { username: 'admin', password: 'changeit' } },
} as const;

type Append = (
  scene: Scene,
  stream: string,
  events: EventData | EventData[],
  expectedRevision?: AppendToStreamOptions['expectedRevision'],
) => Promise<unknown>;

/** The answers of appends. Both paths give the same ones, except for some error codes. */
export const appendScenarios: Record<string, Scenario> = Object.fromEntries(
  Object.entries(PATHS).flatMap(([path, options]) => {
    const append: Append = ({ client }, stream, events, expectedRevision) =>
      outcomeOf(
        client.appendToStream(stream, events, {
          ...options,
          ...(expectedRevision === undefined ? {} : { expectedRevision }),
        }),
      );
    return Object.entries(scenariosOf(append)).map(([title, scenario]) => [`${path}: ${title}`, scenario]);
  }),
);

function scenariosOf(append: Append): Record<string, Scenario> {
  return {
    async 'expected revisions'(scene) {
      const stream = scene.newStream();
      return [
        await append(scene, stream, newEvent(), NO_STREAM),
        await append(scene, stream, newEvent(), NO_STREAM),
        await append(scene, stream, newEvent(), 0n),
        await append(scene, stream, newEvent(), 0n),
        await append(scene, stream, newEvent(), 9n),
        await append(scene, stream, newEvent(), STREAM_EXISTS),
        await append(scene, stream, newEvent(), ANY),
        await append(scene, scene.newStream(), newEvent(), STREAM_EXISTS),
        await append(scene, scene.newStream(), newEvent(), 0n),
        await append(scene, scene.newStream(), newEvent()),
      ];
    },

    async 'several events are one append'(scene) {
      const stream = scene.newStream();
      return [
        await append(scene, stream, [newEvent('A'), newEvent('B'), newEvent('C')], NO_STREAM),
        await append(scene, stream, [newEvent('D'), newEvent('E')], 1n),
        await eventsIn(scene.client.readStream(stream)),
      ];
    },

    async 'repeats by id'(scene) {
      const stream = scene.newStream();
      const [a, b, d] = [newEvent('A'), newEvent('B'), newEvent('D')];
      return [
        await append(scene, stream, [a, b], NO_STREAM),
        await append(scene, stream, [a, b], NO_STREAM),
        await append(scene, stream, newEvent('X'), 1n),
        await append(scene, stream, [a, b], NO_STREAM),
        await append(scene, stream, [a], NO_STREAM),
        await append(scene, stream, [a, b, d], NO_STREAM),
        await append(scene, stream, [a, b], ANY),
        await append(scene, stream, [a], 2n),
        await eventsIn(scene.client.readStream(stream)),
      ];
    },

    async 'the same id in another stream is another event'(scene) {
      const event = newEvent();
      return [
        await append(scene, scene.newStream(), event, NO_STREAM),
        await append(scene, scene.newStream(), event, NO_STREAM),
      ];
    },

    async 'races on one revision have one winner'(scene) {
      const stream = scene.newStream();
      const racing = Array.from({ length: 40 }, () => append(scene, stream, newEvent(), NO_STREAM));
      const outcomes = (await Promise.all(racing)) as { success?: boolean; error?: string }[];
      return {
        won: outcomes.filter(({ success }) => success).length,
        lost: outcomes.filter(({ error }) => error === 'wrong-expected-version').length,
      };
    },

    async 'parallel appends without a revision all get their own'(scene) {
      const stream = scene.newStream();
      const appends = Array.from({ length: 40 }, () => append(scene, stream, newEvent()));
      const outcomes = (await Promise.all(appends)) as { revision: number }[];
      return outcomes.map(({ revision }) => revision).sort((a, b) => a - b);
    },

    async 'an empty append'(scene) {
      const stream = scene.newStream();
      return [await append(scene, stream, [], NO_STREAM), await eventsIn(scene.client.readStream(stream))];
    },

    async 'over 1 MiB'(scene) {
      const stream = scene.newStream();
      return [
        await append(scene, stream, newEvent('T', { x: 'x'.repeat(1_100_000) }), NO_STREAM),
        await append(scene, stream, newEvent(), NO_STREAM),
      ];
    },

    async 'soft delete'(scene) {
      const stream = scene.newStream();
      await append(scene, stream, [newEvent('A'), newEvent('B')]);
      await scene.client.deleteStream(stream, { expectedRevision: ANY });
      return [
        await eventsIn(scene.client.readStream(stream)),
        await append(scene, stream, newEvent(), STREAM_EXISTS),
        await append(scene, stream, newEvent('C'), NO_STREAM),
        await eventsIn(scene.client.readStream(stream)),
        await append(scene, stream, newEvent('D'), 2n),
      ];
    },

    async tombstone(scene) {
      const stream = scene.newStream();
      await append(scene, stream, newEvent('A'));
      await scene.client.tombstoneStream(stream, { expectedRevision: ANY });
      return [
        await eventsIn(scene.client.readStream(stream)),
        await append(scene, stream, newEvent()),
        await append(scene, stream, newEvent(), 0n),
      ];
    },
  };
}
