import { createSecretKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/platform/clock.ts';
import { createCommandSide } from '../src/commands/handling/commandSide.ts';
import { editUser, type EditUserBody } from '../src/commands/editUser.ts';
import { createImporter } from '../src/commands/handling/importer.ts';
import { newEvent, systemOrigin } from '../src/events/newEvent.ts';
import { NO_REVISION } from '../src/events/eventStore.ts';
import { openSqliteEventStore } from '../src/events/stores/sqlite/sqliteEventStore.ts';
import { transaction } from '../src/platform/sqlite/sqlite.ts';
import { recordOf } from '../src/imports/records/importRecords.ts';
import { openBareEvents } from './support/bareEvents.ts';
import { editOf, userLine } from './support/people.ts';
import { linesFile, padron, temporaryFolder } from './support/servers.ts';

/** What a write costs without HTTP: the append, the command around it, and the import of a whole roll. */

const COUNT = 6_000;
const USERS = 2_000;
const LINES = 40_000;
const IN_FLIGHT = [1, 32, 128];

/** Runs `work` `count` times, with `inFlight` calls at once; returns the number of calls per second. */
async function rate(count: number, inFlight: number, work: (n: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) await work((next += 1));
    }),
  );
  return (count / (performance.now() - start)) * 1_000;
}

/** The baseline: a bare driver inserts the same rows, in commits of as many as are in flight. */
function bareInserts(folder: string, inFlight: number): number {
  const { db, insert, metadata } = openBareEvents(join(folder, `bare-${inFlight}.db`));
  const start = performance.now();
  for (let n = 0; n < COUNT; n += inFlight) {
    transaction(db, () => {
      for (let k = n; k < Math.min(COUNT, n + inFlight); k += 1) {
        insert.run(
          `user-${k}`,
          0,
          randomUUID(),
          'UserEdited',
          '{"changes":{"telefono":{"from":"1","to":"2"}}}',
          metadata,
        );
      }
    });
  }
  const perSecond = (COUNT / (performance.now() - start)) * 1_000;
  db.close();
  return perSecond;
}

const row = (name: string, inFlight: number | string, ours: number, bare: number): void => {
  console.log(
    `${name.padEnd(26)} ${String(inFlight).padStart(5)} ${ours.toFixed(0).padStart(9)} ${bare.toFixed(0).padStart(9)} ${(ours / bare).toFixed(2).padStart(7)}`,
  );
};

/** Prints the table. */
export async function benchWrites(): Promise<void> {
  const folder = temporaryFolder();
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  const key = createSecretKey(Buffer.from('a key for benches'));
  const commands = createCommandSide({ store, key, clock: systemClock });
  const importer = createImporter({ store, key, clock: systemClock, commands });
  for (let n = 1; n <= USERS; n += 1) {
    const read = recordOf('users', JSON.parse(userLine(n)) as Record<string, unknown>);
    if ('record' in read) await importer.importRecord(read.record);
  }
  console.log('Writes without HTTP, against bare inserts committed in groups of as many as are in flight');
  console.log('work                    at once   a second      bare   ratio');
  for (const inFlight of IN_FLIGHT) {
    const bare = bareInserts(folder, inFlight);
    const append = await rate(COUNT, inFlight, () => {
      const event = newEvent(
        randomUUID(),
        { type: 'UserEdited', data: { changes: {} } },
        systemOrigin('x'),
        systemClock.now(),
      );
      return store.append([{ stream: `bench-${randomUUID()}`, expected: NO_REVISION, events: [event] }]);
    });
    row('append', inFlight, append, bare);
    let phone = inFlight * 1_000_000;
    const request = {
      actor: { account: 'bench', role: 'admin' },
      requestId: 'r',
      correlationId: 'c',
      ifMatch: null,
      key: null,
    };
    const command = await rate(COUNT, inFlight, (n) =>
      commands.handle(editUser, editOf(1 + (n % USERS), String((phone += 1))) as EditUserBody, request),
    );
    row('command EditUser', inFlight, command, bare);
  }
  await store.close();

  const file = linesFile(folder, 'import.ndjson', LINES, userLine);
  const parsing = performance.now();
  const parsed = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown).length;
  const bare = (parsed / (performance.now() - parsing)) * 1_000;
  const start = performance.now();
  await padron(['import', file], join(folder, 'imported'));
  row('import, whole process', 'lines', (LINES / (performance.now() - start)) * 1_000, bare);
}
