import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { DEFAULT_CSV } from '../../src/presentation/csv.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { catchUpViews } from '../../src/cli/jobs/catchUp.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { projectedViews } from '../../src/projections/views/allViews.ts';
import { NO_FILTERS } from '../../src/roll/filters.ts';
import { createRollReaders } from '../../src/roll/reading/rollReaders.ts';
import { rollWorkHere } from '../../src/roll/wholeRoll/rollWork.ts';
import { newMembers, writingTo } from '../adapters/people.ts';
import { compare, inFlight, openSetting, ROUNDS, RUN } from '../adapters/setting.ts';
import { editOf } from '../support/people.ts';

const PEOPLE = Number(process.env['BENCH_ADAPTER_PEOPLE'] ?? 500);
const EDITS_EACH = 4;
/** Streams that padron's adapter reads at the same time. */
const READS_AT_ONCE = 16;

/** The whole roll as CSV from EventStoreDB and MongoDB, compared with the bare client reading the same streams. */
export async function benchAdapterRoll(mongoUrl: string): Promise<void> {
  const setting = await openSetting();
  const { client, store } = setting;
  const own = new URL(mongoUrl);
  own.pathname = `/padron-bench-${RUN}-${randomUUID().slice(0, 8)}`;
  const mongo = new MongoClient(own.href);
  const readModel = await openMongoReadModel({ url: own.href });
  try {
    const writing = writingTo(store);
    const members = await newMembers(writing, PEOPLE);
    await inFlight(PEOPLE, 64, async (n) => {
      if (members[n]) await writing.importer.importRecord(members[n]);
    });
    const named = new Date().toISOString();
    await inFlight(PEOPLE * EDITS_EACH, 64, async (n) => {
      const { record } = members[n % PEOPLE] ?? {};
      const body = { ...editOf(1, `6${n}`), dni: record?.dni } as Parameters<typeof editUser.decide>[0];
      const actor = { account: 'bench', role: 'admin' };
      const request = { actor, requestId: 'bench', correlationId: 'bench', ifMatch: null, key: null };
      await writing.commands.handle(editUser, body, request);
    });
    const logger = { info: () => undefined, warn: console.error, error: console.error };
    const { signal } = new AbortController();
    const views = projectedViews().filter(({ name }) => name === 'users');
    await catchUpViews({ views, readModel, store, clock: systemClock, logger, signal });

    const streams = members.map(({ record }) => `user-${'IdUsuario' in record ? record.IdUsuario : 0}`);
    const doWork = rollWorkHere(createRollReaders({ readModel, store, clock: systemClock, maxWaitMs: 0 }));
    const upTo = (await store.head()) ?? 0n;
    const people = { after: 0, filters: NO_FILTERS, day: '2024-01-01', isProof: false } as const;
    const horizon = { at: Date.parse(named), upTo };
    console.log(
      `\n${PEOPLE} people, ${1 + EDITS_EACH} events each, EventStoreDB and MongoDB; median of ${ROUNDS} rounds, bare and padron in turn`,
    );
    console.log(`${''.padEnd(58)} ${'bare'.padStart(8)} ${'padron'.padStart(8)}`);
    await compare('whole roll, CSV, against bare reads of the same streams', {
      unit: 'people/s',
      bare: () =>
        inFlight(PEOPLE, READS_AT_ONCE, async (n) => {
          for await (const _ of client.readStream(streams[n] ?? '')) continue;
        }),
      async ours() {
        let lines = 0;
        const work = { ...people, kind: 'users', what: 'people', horizon, format: DEFAULT_CSV } as const;
        for await (const piece of doWork(work))
          lines += Buffer.from(piece).toString().split('\r\n').length - 1;
        if (lines !== PEOPLE + 1) throw new Error(`the roll has ${lines} lines`);
        return PEOPLE;
      },
    });
  } finally {
    await readModel.close();
    await mongo.db().dropDatabase();
    await mongo.close();
    await setting.close();
  }
}
