import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'chai';
import { join } from 'node:path';
import { systemClock } from '../../src/platform/clock.ts';
import { copyLog } from '../../src/cli/copying/copyLog.ts';
import { persona } from '../../src/domain/persona.ts';
import type { UnreadableData } from '../../src/events/codec.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { createRepository } from '../../src/commands/loading/repository.ts';
import { asOf } from '../../src/history/asOf.ts';
import { entriesOf } from '../../src/history/subjectEntries.ts';
import { catchUpViews } from '../../src/cli/jobs/catchUp.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { verifyViews } from '../../src/verify/verifyViews.ts';
import type { DocumentView } from '../../src/projections/ports/view.ts';
import { projectedViews, VIEWS } from '../../src/projections/views/allViews.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { testProcess } from '../support/processes.ts';

/** What another tool may have put into the file: data and metadata of one event of Ana's. */
const ROWS: Record<string, [data: string, metadata: string]> = {
  'data that is not JSON': ['María García', '{}'],
  'metadata that is not JSON': ['{}', 'María García'],
  'JSON that is not an object': ['null', '[]'],
  'an empty text': ['', ''],
};

describe('A log file with an unreadable event', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  for (const [what, [data, metadata]] of Object.entries(ROWS)) {
    it(`stops no reader and shows the event as unreadable: ${what}`, async () => {
      const file = join(folder, 'events.db');
      const writing = openSqliteEventStore({ file });
      const people = testProcess(writing);
      await people.register({ dni: '1', cuenta: 'ana' });
      await writing.close();
      const db = new DatabaseSync(file);
      db.prepare(
        `INSERT INTO events (stream, revision, id, type, data, metadata) VALUES ('persona-1', 1, 'x', 'PersonaProfileUpdated', ?, ?)`,
      ).run(data, metadata);
      db.close();

      const store = openSqliteEventStore({ file });
      const readModel = openSqliteReadModel({ folder: join(folder, 'views') });
      try {
        const after = testProcess(store);
        await after.register({ dni: '2', cuenta: 'eva' });
        const { signal } = new AbortController();
        const dependencies = { store, readModel, clock: systemClock };
        const logger = { info: () => {}, warn: () => {}, error: () => {} };
        // A rebuild is strict, so the documents are followed and only the history is built from the log.
        const views = projectedViews().filter(({ name }) => name === 'history');
        await catchUpViews({ ...dependencies, views, logger, signal });

        const rows = await readModel.shownRows(VIEWS.history).scan({ after: null, limit: 10 });
        const entries = rows.map(({ json }) => JSON.parse(json) as { subject: string; unreadable?: true });
        expect(entries.map(({ subject, unreadable = false }) => [subject, unreadable])).to.deep.equal([
          ['persona-1', false],
          ['persona-1', true],
          ['persona-2', false],
        ]);
        const own: object[] = [];
        for await (const entry of entriesOf(store, 'persona-1', 'desc')) own.push(entry);
        expect(own).to.have.lengthOf(2);
        const was = await asOf(createRepository(store), persona, 'persona-1', { revision: 1 });
        expect('loaded' in was && was.loaded.state.dni).to.equal('1');
        expect('loaded' in was && was.loaded.stuck).to.include({ revision: 1 });

        const { differences, isWhole } = await verifyViews({
          ...dependencies,
          reservations: after.commands.reservations,
          documentViews: [] as DocumentView<object>[],
          rowViews: [VIEWS.history],
          upTo: await store.head(),
          signal,
          repair: false,
          showValues: false,
          onProgress: async () => {},
          onDifference: async () => {},
        });
        expect({ differences, isWhole }).to.deep.equal({ differences: 0, isWhole: true });

        const target = openSqliteEventStore({ file: join(folder, 'copy.db') });
        const copied = await copyLog({ source: store, target, signal, onProgress: () => {} });
        expect(copied).to.include({ isWhole: true });
        const [copy] = await target.readStream('persona-1', { from: 1, limit: 1 });
        if (!data.startsWith('{')) expect((copy?.data as UnreadableData).text).to.equal(data);
        await target.close();
      } finally {
        await readModel.close();
        await store.close();
      }
    });
  }
});
