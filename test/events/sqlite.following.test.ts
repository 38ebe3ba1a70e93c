import { expect } from 'chai';
import fc from 'fast-check';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import { commitSignal } from '../../src/events/stores/sqlite/commitNews.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { event, written } from './contract/steps.ts';
import { upTo } from './contract/following.ts';

/** Events whose streams follow each other in the log as the numbers say, from the store that the sign says. */
interface Burst {
  isFollower: boolean;
  events: number;
}

const bursts = fc.array(fc.record({ isFollower: fc.boolean(), events: fc.integer({ min: 1, max: 7 }) }), {
  minLength: 1,
  maxLength: 12,
});

/** Two threads' stores over one file: the second follows what the first announces. */
function openTwo(folder: string): { writer: EventStore; follower: EventStore } {
  const [file, commits] = [join(folder, 'events.db'), commitSignal()];
  return {
    writer: openSqliteEventStore({ file, announce: commits }),
    follower: openSqliteEventStore({ file, use: 'follow', listen: commits }),
  };
}

describe('Following an embedded log that another thread writes to', () => {
  let folder: string;
  let stores: ReturnType<typeof openTwo>;

  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(async () => {
    mock.timers.reset();
    await stores.follower.close();
    await stores.writer.close();
    removeFolder(folder);
  });

  it('is notified of each commit without polling', async () => {
    // Whoever looks every now and then looks never.
    mock.timers.enable({ apis: ['setInterval'] });
    stores = openTwo(folder);
    let expected = -1;
    const seen = await upTo(stores.follower, {}, async ({ events }) => {
      if (events.length === 3) return true;
      expected = events.length - 1;
      setImmediate(() => void written(stores.writer, 'persona-1', expected, [event('E')]));
      return false;
    });
    expect(seen.events.map(({ revision }) => revision)).to.deep.equal([0, 1, 2]);
  });

  it('copies the write-ahead log into the file from time to time, so that the writer does not', async () => {
    stores = openTwo(folder);
    const size = (): number => statSync(join(folder, 'events.db')).size;
    const before = size();
    // Fewer pages than SQLite's own checkpoint waits for.
    for (let n = 0; n < 120; n += 1) await written(stores.writer, `persona-${n}`, -1, [event('E')]);
    await eventually('the file grows', async () => size() > before);
  });

  it('delivers every event once and in order to several followers, whichever thread wrote it', async () => {
    stores = openTwo(folder);
    let head = -1;
    await fc.assert(
      fc.asyncProperty(bursts, fc.integer({ min: 1, max: 10 }), async (script: Burst[], limit) => {
        const before = head;
        const after = (await stores.writer.head()) ?? null;
        const total = script.reduce((sum, { events }) => sum + events, 0);
        const followed = [limit, limit + 3, 500].map((size) =>
          upTo(stores.follower, { after, limit: size }, ({ events }) => events.length >= total),
        );
        for (const { isFollower, events } of script) {
          const store = isFollower ? stores.follower : stores.writer;
          await written(
            store,
            'persona-1',
            head,
            Array.from({ length: events }, () => event('E')),
          );
          head += events;
        }
        const wanted = Array.from({ length: total }, (_, index) => before + 1 + index);
        const revisions = (events: RecordedEvent[]): number[] => events.map(({ revision }) => revision);
        for (const seen of await Promise.all(followed)) expect(revisions(seen.events)).to.deep.equal(wanted);
      }),
      { numRuns: 60 },
    );
  });
});
