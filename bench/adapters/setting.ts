import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, NO_STREAM, START, streamNameFilter } from '@eventstore/db-client';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { OWN_PREFIXES } from '../../src/events/streams.ts';
import { event } from '../../test/events/contract/steps.ts';
import { EventStoreDbServer } from '../../test/support/eventStoreDbServer.ts';

/** The measured server, accessed by the bare client and by padron's adapter. */
export interface Setting {
  url: string;
  client: EventStoreDBClient;
  store: EventStore;
  /** Empties the log of the stand-in; does nothing on a real server. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Digits only, because it is part of the names of padron's streams. */
export const RUN = String(Date.now());

export async function openSetting(): Promise<Setting> {
  const given = process.env['EVENTSTORE_URL'];
  const standIn = given === undefined ? await EventStoreDbServer.start() : null;
  const url = standIn?.url ?? given ?? '';
  const client = EventStoreDBClient.connectionString(url);
  const open = { store: await openEventStoreDb({ url }) };
  return {
    url,
    client,
    get store() {
      return open.store;
    },
    async reset() {
      if (!standIn) return;
      await open.store.close();
      await standIn.reset();
      open.store = await openEventStoreDb({ url });
    },
    async close() {
      await open.store.close();
      await client.dispose();
      await standIn?.close();
    },
  };
}

/** Does some work and resolves with the amount. */
export type Work = () => Promise<number>;

/** The amount of work done per second. */
export async function rateOf(work: Work): Promise<number> {
  const start = performance.now();
  const done = await work();
  return (done / (performance.now() - start)) * 1_000;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** The rates of one round. */
export interface Rates {
  bare: number;
  ours: number;
}

/** Prints the medians of the rates and of the rounds' ratios. A ratio below `goal` sets the exit code to 1. */
export function report(title: string, unit: string, rounds: readonly Rates[], goal?: number): void {
  const of = (pick: (one: Rates) => number): number => median(rounds.map(pick));
  const rate = (n: number): string => String(Math.round(n)).padStart(8);
  const ratio = of(({ bare, ours }) => ours / bare);
  const verdict = goal === undefined ? '' : ratio >= goal ? `  reached ${goal}` : `  BELOW ${goal}`;
  if (verdict.includes('BELOW')) process.exitCode = 1;
  console.log(
    `${title.padEnd(58)} ${rate(of(({ bare }) => bare))} ${rate(of(({ ours }) => ours))} ${unit.padEnd(10)} ${ratio.toFixed(2)}${verdict}`,
  );
}

/** Prints a rate without a baseline, and whether it reaches the goal. */
export function reportRate(title: string, unit: string, rate: number, goal: number): void {
  const isReached = rate >= goal;
  if (!isReached) process.exitCode = 1;
  const verdict = isReached ? `reached ${goal}` : `BELOW ${goal}`;
  console.log(
    `${title.padEnd(58)} ${' '.repeat(8)} ${String(Math.round(rate)).padStart(8)} ${unit.padEnd(10)} ${verdict}`,
  );
}

/** Runs both in turn, once to warm up and then ROUNDS times, and reports. */
export async function compare(
  title: string,
  { unit, goal, bare, ours }: { unit: string; goal?: number; bare: Work; ours: Work },
): Promise<void> {
  const rounds: Rates[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const rates = { bare: await rateOf(bare), ours: await rateOf(ours) };
    if (round >= 0) rounds.push(rates);
  }
  report(title, unit, rounds, goal);
}

/** Calls `one` `total` times, with at most `atOnce` calls in flight. */
export async function inFlight(
  total: number,
  atOnce: number,
  one: (n: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < total) await one(next++);
    }),
  );
  return total;
}

let streams = 0;
export const freshStream = (): string => `persona-${RUN}${(streams += 1)}`;

/** Appends one event to a stream of its own, over the client's shared call. */
export const bareAppend = (client: EventStoreDBClient, data: Record<string, unknown>): Promise<unknown> =>
  client.appendToStream(
    freshStream(),
    jsonEvent({ id: randomUUID(), type: 'Measured', data, metadata: { ...event('Measured').metadata } }),
    { expectedRevision: NO_STREAM },
  );

/** Reads all of padron's events with the bare client; resolves with their number. */
export async function bareReadAll(client: EventStoreDBClient): Promise<number> {
  let events = 0;
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [...OWN_PREFIXES] }),
  });
  const caughtUp = new Promise<void>((resolve) => {
    subscription.on('caughtUp', resolve);
  });
  subscription.on('data', () => {
    events += 1;
  });
  await caughtUp;
  await subscription.unsubscribe();
  return events;
}
