import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import type {
  AllStreamSubscription,
  AppendResult,
  EventStoreDBClient,
  JSONEventData,
  Position,
  ResolvedEvent,
  StreamSubscription,
} from '@eventstore/db-client';

/** What a scenario works with: a client of the server, and unused names for streams. */
export interface Scene {
  client: EventStoreDBClient;
  newStream(): string;
}

/** Uses a server and returns what the client reported, as plain JSON. */
export type Scenario = (scene: Scene) => Promise<unknown>;

const MAX_WAIT_MS = 8_000;
const MAX_CLOSE_WAIT_MS = 3_000;

export const newEvent = (
  type = 'T',
  data: Record<string, unknown> = { n: 1 },
  metadata?: Record<string, unknown>,
): JSONEventData => jsonEvent({ id: randomUUID(), type, data, ...(metadata ? { metadata } : {}) });

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : (value ?? null));

/** The properties by which a program can distinguish errors of the client. */
export function failure(error: unknown): Record<string, unknown> {
  const { type, code, expectedVersion, actualVersion } = error as Record<string, unknown>;
  return {
    error: type ?? 'raw',
    code: code ?? null,
    expected: plain(expectedVersion),
    actual: plain(actualVersion),
  };
}

/** The outcome of an append, including an error. */
export const outcomeOf = (appending: Promise<AppendResult>): Promise<unknown> =>
  appending.then(
    ({ success, nextExpectedRevision, position }) => ({
      success,
      revision: plain(nextExpectedRevision),
      position: position !== undefined,
    }),
    failure,
  );

type Reading = AsyncIterable<ResolvedEvent> & { cancel(): Promise<void> };

/** Every event of a read, and the error that ended it. */
export async function eventsIn(reading: Reading): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  try {
    for await (const { event } of reading) {
      events.push(
        event ? { type: event.type, revision: plain(event.revision), data: event.data } : { event: null },
      );
    }
    return events;
  } catch (error) {
    return [...events, failure(error)];
  } finally {
    await reading.cancel().catch(() => undefined);
  }
}

/** The result of `work`, or `{ silent: true }` if there is none within some seconds. */
export async function unlessSilent<T>(work: Promise<T>, ms = MAX_WAIT_MS): Promise<T | { silent: true }> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<{ silent: true }>((resolve) => {
    timer = setTimeout(resolve, ms, { silent: true });
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a subscription did, in order. */
export interface Following {
  log: string[];
  /** Waits until the log fulfils a condition, for at most some seconds. */
  until(holds: (log: readonly string[]) => boolean): Promise<void>;
  leave(): Promise<void>;
}

export function follow(
  subscription: StreamSubscription | AllStreamSubscription,
  nameOf: (error: Record<string, unknown>) => string = ({ error }) => `error ${String(error)}`,
): Following {
  const log: string[] = [];
  const waiting = new Set<() => void>();
  const note = (what: string): void => {
    log.push(what);
    for (const look of waiting) look();
  };
  subscription.on('confirmation', () => {
    note('confirmation');
  });
  subscription.on('caughtUp', () => {
    note('caughtUp');
  });
  subscription.on('data', ({ event }: ResolvedEvent) => {
    if (event) note(`${event.type}@${event.revision}`);
  });
  subscription.on('error', (error) => {
    note(nameOf(failure(error)));
  });
  return {
    log,
    async until(holds) {
      let look = (): void => undefined;
      const come = new Promise<void>((resolve) => {
        look = () => {
          if (holds(log)) resolve();
        };
      });
      waiting.add(look);
      look();
      await unlessSilent(come);
      waiting.delete(look);
    },
    async leave() {
      const closed = new Promise<void>((resolve) => {
        subscription.on('end', () => {
          note('end');
        });
        subscription.on('close', () => {
          note('close');
          resolve();
        });
      });
      await subscription.unsubscribe();
      await unlessSilent(closed, MAX_CLOSE_WAIT_MS);
    },
  };
}

export const hasCaughtUp = (log: readonly string[]): boolean => log.includes('caughtUp');
export const hasLiveEvent = (log: readonly string[]): boolean => log.some((line) => line.startsWith('LIVE'));

/** Follows until `enough`; calls `meanwhile` when the subscription is confirmed. */
export async function logOf(
  subscription: StreamSubscription | AllStreamSubscription,
  enough: (log: readonly string[]) => boolean,
  meanwhile: (following: Following) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const following = follow(subscription);
  await following.until((log) => log.includes('confirmation'));
  await meanwhile(following);
  await following.until(enough);
  await following.leave();
  return following.log;
}

/** A new stream of `count` events E0, E1 and so on. */
export async function seeded(
  { client, newStream }: Scene,
  count = 10,
): Promise<{ stream: string; result: AppendResult }> {
  const stream = newStream();
  const events = Array.from({ length: count }, (_, i) =>
    newEvent(`E${i}`, { i }, { $correlationId: 'c', k: i }),
  );
  return { stream, result: await client.appendToStream(stream, events) };
}

export async function positionsIn({ client }: Scene, stream: string): Promise<Position[]> {
  const positions: Position[] = [];
  for await (const { event } of client.readStream(stream))
    if (event?.position) positions.push(event.position);
  return positions;
}

export const at = (commit: bigint): Position => ({ commit, prepare: commit });
