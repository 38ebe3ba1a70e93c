import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { EventStore, NewEvent, Position } from '../../../src/events/eventStore.ts';

/** Appends what cannot be in conflict, and gives the position of its last event. */
export async function written(
  store: EventStore,
  stream: string,
  expected: number,
  events: NewEvent[],
): Promise<Position> {
  const result = await store.append([{ stream, expected, events }]);
  if (result.outcome === 'conflict') throw new Error(`conflict on ${stream} at ${result.actual}`);
  if (result.position === null) throw new Error(`no position for a new event on ${stream}`);
  return result.position;
}

/** The types of the events that a stream holds, in the order read. */
export async function typesIn(
  store: EventStore,
  stream: string,
  options: Parameters<EventStore['readStream']>[1] = { limit: 100 },
): Promise<string[]> {
  return (await store.readStream(stream, options)).map((e) => e.type);
}

/** What a promise rejects with; an assertion fails when it resolves. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value: unknown) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error,
  );
}

export const tenEvents = (): NewEvent[] => Array.from({ length: 10 }, (_, i) => event(`E${i}`, { i }));

/** An event of any type with metadata as commands give it. */
export function event(type: string, data: object = { n: 1 }, id: string = randomUUID()): NewEvent {
  const commandId = randomUUID();
  return {
    id,
    type,
    data,
    metadata: {
      actor: { account: 'maria', role: 'admin' },
      requestId: 'r-1',
      commandId,
      schemaVersion: 1,
      occurredAt: '2024-03-01T08:00:00.000Z',
      $correlationId: 'c-1',
      $causationId: commandId,
    },
  };
}

/** The stream of a reservation or of a key, as an HMAC would name it. */
export const hashedStream = (kind: 'reservation' | 'key', letter: string): string =>
  `${kind}-${letter.repeat(43)}`;

/** Names that another application may give its streams on a shared server. */
export const FOREIGN_LOOKALIKES = [
  `user-${randomUUID()}`,
  'user-3f9c',
  'user-',
  'user-0',
  'user-01',
  'user-1-a',
  'user-1\n',
  'user-１',
  'user-1e3',
  'users-1',
  'persona-1x',
  'my-persona-1',
  `key-${'k'.repeat(42)}`,
  `key-${'k'.repeat(44)}`,
  `reservation-${'é'.repeat(43)}`,
  `reservation-${'.'.repeat(43)}`,
  'sequence-other',
  'padron-other',
] as const;
