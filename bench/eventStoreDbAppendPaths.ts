import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, NO_STREAM, jsonEvent } from '@eventstore/db-client';
import { NO_REVISION } from '../src/events/eventStore.ts';
import { openEventStoreDb } from '../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { event } from '../test/events/contract/steps.ts';
import { EventStoreDbServer } from '../test/support/eventStoreDbServer.ts';

// Appends one small event each to streams of their own, by the client's two paths and by the adapter. Gives the figures of
// docs/adr/0028: `node --import ./bench/compile.js bench/eventStoreDbAppendPaths.ts [esdb://…]`; without a URL on the stand-in.
const server = process.argv[2] === undefined ? await EventStoreDbServer.start() : null;
const url = process.argv[2] ?? server?.url ?? '';
// Digits only, because it is part of the names of padron's streams.
const run = String(Date.now());
const data = { text: 'x'.repeat(200) };
// Not sent on a connection without TLS. Explicit credentials make the client use its unary path.
const credentials = { username: 'admin', password: 'changeit' };
const client = EventStoreDBClient.connectionString(url);
const store = await openEventStoreDb({ url });
let streams = 0;

const paths: Record<string, (stream: string) => Promise<unknown>> = {
  'client, batch': (stream) => client.appendToStream(stream, bare(), { expectedRevision: NO_STREAM }),
  'client, unary': (stream) =>
    client.appendToStream(stream, bare(), { expectedRevision: NO_STREAM, credentials }),
  adapter: (stream) => store.append([{ stream, expected: NO_REVISION, events: [event('Measured', data)] }]),
};
for (const inFlight of [1, 16, 64]) {
  for (const [name, append] of Object.entries(paths)) {
    await measured(name, inFlight, 300, append, false);
    await measured(name, inFlight, 1500, append, true);
  }
}
await store.close();
await client.dispose();
await server?.close();

async function measured(
  name: string,
  inFlight: number,
  total: number,
  append: (stream: string) => Promise<unknown>,
  print: boolean,
): Promise<void> {
  let left = total;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        streams += 1;
        await append(`persona-${run}${streams}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (!print) return;
  const rate = Math.round(total / seconds);
  console.log(
    `${name}, ${inFlight} in flight: ${rate}/s, ${Math.round((user + system) / total)} us CPU an append`,
  );
}

function bare() {
  return jsonEvent({ id: randomUUID(), type: 'Measured', data, metadata: { ...event('Measured').metadata } });
}
