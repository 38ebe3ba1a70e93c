import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/platform/clock.ts';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aPersona } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A service that meets an event of a newer padron', () => {
  let folder: string;
  let running: TestService;

  /** What a newer instance appended before this one started. */
  async function appendNewer(): Promise<void> {
    const { store, close } = await openStores(folder);
    const id = randomUUID();
    const event = newEvent(id, { type: 'UserRemoved', data: {} }, systemOrigin(id), systemClock.now());
    await store.sealing?.createKeys(['user-99']);
    await store.append([
      { stream: 'user-99', expected: NO_REVISION, events: [{ ...event, type: 'UserPromoted' }] },
    ]);
    await close();
  }

  before(async () => {
    folder = newFolder();
    const first = await startTestService({ dataDir: folder });
    await aPersona(first.service);
    await first.stop();
    await appendNewer();
    running = await startTestService({ dataDir: folder });
  });
  after(async () => {
    await running.stop();
    removeFolder(folder);
  });

  it('becomes ready, reports which views wait, and keeps the others up to date', async () => {
    const { status, body } = await running.send('GET', '/health/ready');
    expect(status).to.equal(200);
    const { views } = body as { views: { name: string; state: string }[] };
    const stateOf = Object.fromEntries(views.map(({ name, state }) => [name, state]));
    expect(stateOf).to.deep.equal({ personas: 'live', users: 'paused', history: 'paused' });

    const { id } = await aPersona(running.service);
    const read = await running.send('GET', `/api/personas/${id}`, { token: tokenOf('admin') });
    expect(read.status).to.equal(200);
  });
});
