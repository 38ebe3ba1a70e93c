import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { describeEventStoreContract } from './eventStoreContract.ts';

describe('The EventStoreDB adapter on the simulated server', () => {
  let server: EventStoreDbServer;
  before(async () => {
    server = await EventStoreDbServer.start();
  });
  after(async () => {
    await server.close();
  });

  describeEventStoreContract('EventStoreDB', async (codec) => {
    await server.reset();
    const store = await openEventStoreDb({
      url: server.url,
      deadlineMs: 2_000,
      ...(codec ? { codec } : {}),
    });
    return {
      store,
      interrupted: async (meanwhile) => {
        await server.stop();
        await meanwhile();
        await server.resume();
      },
      openPlain: () => openEventStoreDb({ url: server.url, deadlineMs: 2_000 }),
      close: () => store.close(),
    };
  });
});
