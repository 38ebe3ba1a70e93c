import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importInThread } from '../../src/embedded/importThread.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { importIn, type ImportTask } from '../../src/imports/jobs/runImport.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { runCli } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { TEST_KEY } from '../support/processes.ts';
import { AS_FOUND } from './support/lists.ts';

/** Always two different days, so at least one of them is not the day in UTC. */
const ZONES = ['Pacific/Kiritimati', 'Etc/GMT+12'];

const dayIn = (timeZone: string): string => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());

describe('An import of a user without a registration date', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'list.ndjson');
    const [{ fechaalta: _, ...line } = {}] = memberList(1);
    writeFileSync(file, asNdjson([line]));
  });
  afterEach(() => {
    removeFolder(folder);
  });

  const eventsFile = (): string => join(folder, 'events.db');
  const task = (): ImportTask => ({
    file,
    order: {
      reading: { ...AS_FOUND, map: [] },
      actor: { account: 'ana', role: 'admin' },
      requestId: 'r1',
      correlation: 'c1',
      reason: null,
    },
    from: noCounts(),
    isDryRun: false,
  });
  const signal = new AbortController().signal;

  const WAYS: Record<string, (timeZone: string) => Promise<unknown>> = {
    'in the thread of requests': async (timeZone) => {
      const store = openSqliteEventStore({ file: eventsFile() });
      const run = importIn({ store, key: TEST_KEY, clock: systemClock, timeZone });
      await run(task(), () => undefined, signal).finally(() => store.close());
    },
    'in its own thread': (timeZone) =>
      importInThread({ eventsFile: eventsFile() }, { key: TEST_KEY, timeZone })(
        task(),
        () => undefined,
        signal,
      ),
    'by the command': (TIME_ZONE) =>
      runCli(['import', file], { DATA_DIR: folder, SEALING: 'off', TIME_ZONE }),
  };

  for (const [how, run] of Object.entries(WAYS))
    for (const zone of ZONES)
      it(`takes the day in TIME_ZONE, ${zone}, ${how}`, async () => {
        const before = dayIn(zone);
        await run(zone);
        const store = openSqliteEventStore({ file: eventsFile() });
        const events = await store.readAll(null, 100).finally(() => store.close());
        const registered = events.find(({ type }) => type === 'UserRegistered');
        expect((registered?.data as UserRecord).fechaalta).to.be.oneOf([before, dayIn(zone)]);
      });
});
