import { expect } from 'chai';
import { join } from 'node:path';
import { compareOn, nothingCompared, OtherLogError } from '../../src/cli/copying/compareLogs.ts';
import { copyLog } from '../../src/cli/copying/copyLog.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { event } from '../events/contract/steps.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong } from '../support/long.ts';

const EVENTS = 300;

describe('A copy to EventStoreDB', function () {
  this.timeout(60_000);
  let server: EventStoreDbServer;
  let folder: string;
  let source: EventStore;
  let opened: EventStore[];

  before(async () => {
    server = await EventStoreDbServer.start();
    folder = newFolder();
    source = openSqliteEventStore({ file: join(folder, 'events.db') });
    // A stream of its own for each, so that nothing but the copy keeps their order.
    for (let n = 0; n < EVENTS; n += 1) {
      await source.append([
        { stream: `persona-${n + 1}`, expected: NO_REVISION, events: [event('A', { n })] },
      ]);
    }
  });
  after(async () => {
    await source.close();
    removeFolder(folder);
    await server.close();
  });
  beforeEach(async () => {
    await server.reset();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
  });

  async function openTarget(deadlineMs = 10_000): Promise<EventStore> {
    const target = await openEventStoreDb({ url: server.url, deadlineMs });
    opened.push(target);
    return target;
  }

  const copyTo = (target: EventStore) =>
    copyLog({ source, target, signal: new AbortController().signal, onProgress: () => undefined });

  it('stores an append once whose answer was lost', async () => {
    const target = await openTarget(2_000);
    await server.misbehave({ swallow: 3 });
    expect(await copyTo(target)).to.include({ events: EVENTS, isWhole: true });
  });

  for (const lost of [2, 100, 200]) {
    (lost === 100 ? it : itLong)(
      `keeps the order when the connection is lost at append ${lost} with others on their way`,
      async () => {
        const target = await openTarget();
        await server.misbehave({ dropAfter: lost });
        expect(await copyTo(target)).to.include({ events: EVENTS, isWhole: true });
      },
    );
  }

  it('keeps the order on a server without BatchAppend', async () => {
    const target = await openTarget();
    await server.misbehave({ withoutBatch: 2 * EVENTS });
    expect(await copyTo(target)).to.include({ events: EVENTS, isWhole: true });
    expect((await server.report()).calls['append']).to.equal(EVENTS);
  });

  it('stops where another writer has appended, and says at which event', async () => {
    const [target, other] = [await openTarget(), await openTarget()];
    const error = await copyLog({
      source,
      target,
      // Between the comparison and the first append.
      prepare: async () => {
        await other.append([{ stream: 'persona-50', expected: NO_REVISION, events: [event('Other')] }]);
      },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(OtherLogError);
    expect(String(error)).to.contain('its event 1, persona-50@0, differs');
  });

  it('gives up when the server stays away, and goes on later from what the target holds', async () => {
    const target = await openTarget(400);
    const away = await copyLog({
      source,
      target,
      signal: new AbortController().signal,
      onProgress: ({ events }) => {
        if (events > EVENTS / 2) void server.kill(0);
      },
    }).catch((reason: unknown) => reason);
    expect(away).to.be.instanceOf(EventStoreError);
    await server.resumeNode(0);
    const back = await openTarget();
    const standing = await compareOn({ source, target: back }, nothingCompared(), () => undefined);
    expect(standing.events).to.be.greaterThan(EVENTS / 2);
    expect(await copyTo(back)).to.include({ events: EVENTS, found: standing.events, isWhole: true });
  });
});
