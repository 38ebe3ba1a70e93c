import { NO_REVISION } from '../../src/events/eventStore.ts';
import { importBatch, type ReadyLine } from '../../src/imports/run/importBatch.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { event } from '../../test/events/contract/steps.ts';
import { changePhone, newMembers, newPeople, writingTo, type Person } from './people.ts';
import {
  bareAppend,
  compare,
  freshStream,
  inFlight,
  rateOf,
  report,
  ROUNDS,
  type Rates,
  type Setting,
} from './setting.ts';

const COUNT = Number(process.env['BENCH_COMMANDS'] ?? 2_000);
const IN_FLIGHT = [1, 16, 64];
const PEOPLE = 200;
/** `padron import` reserves ids for this many lines at a time. */
const BATCH = 1_000;
const BATCHES = 4;
const DATA = { changes: { telefono: { from: '600000000', to: '600000001' } } };

/** Appends, commands and an import, compared with the client's own shared call. */
export async function benchWriting(setting: Setting): Promise<void> {
  await setting.reset();
  const { client, store } = setting;
  for (const atOnce of IN_FLIGHT) {
    const count = atOnce === 1 ? COUNT / 4 : COUNT;
    await compare(`append, ${atOnce} in flight`, {
      unit: 'appends/s',
      goal: 0.9,
      bare: () => inFlight(count, atOnce, () => bareAppend(client, DATA)),
      ours: () =>
        inFlight(count, atOnce, () =>
          store.append([{ stream: freshStream(), expected: NO_REVISION, events: [event('Measured', DATA)] }]),
        ),
    });
  }
  await benchCommands(setting);
  await benchImport(setting);
}

async function benchCommands({ client, store }: Setting): Promise<void> {
  const writing = writingTo(store);
  const people = await newPeople(writing, PEOPLE);
  for (const one of people) await writing.importer.importRecord(one);
  await compare('commands of one event, 64 in flight, against appends', {
    unit: 'commands/s',
    goal: 0.75,
    bare: () => inFlight(COUNT, 64, () => bareAppend(client, DATA)),
    ours: () => inFlight(COUNT, 64, (n) => changePhone(writing, people[n % PEOPLE] as Person)),
  });
}

/** A line claims a DNI and registers a member: two appends. */
async function benchImport({ client, store }: Setting): Promise<void> {
  const writing = writingTo(store);
  const rounds: Rates[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const batches: ReadyLine[][] = [];
    for (let batch = 0; batch < BATCHES; batch += 1)
      batches.push((await newMembers(writing, BATCH)).map((record, line) => ({ line, record })));
    const bare = await rateOf(() =>
      inFlight(BATCH * BATCHES, 64, async () => {
        await bareAppend(client, DATA);
        await bareAppend(client, DATA);
      }),
    );
    const counts = noCounts();
    const fail = (line: number, reasons: readonly { code: string }[]): void => {
      throw new Error(`${line}: ${reasons.map(({ code }) => code).join()}`);
    };
    const ours = await rateOf(async () => {
      for (const lines of batches) await importBatch(writing.importer, lines, { counts, fail });
      return counts.imported;
    });
    if (round >= 0) rounds.push({ bare, ours });
  }
  report('import, against two appends a line', 'lines/s', rounds, 0.8);
}
