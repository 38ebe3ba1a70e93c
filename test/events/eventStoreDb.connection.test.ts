import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { event, failureOf } from './contract/steps.ts';
import { onFaultyServer, one } from './faultyEventStoreDb.ts';

describe('the EventStoreDB adapter with a connection string', () => {
  const { server, open } = onFaultyServer();

  it('credentials are never sent without TLS', async () => {
    const store = await open(2000, server().url.replace('esdb://', 'esdb://admin:changeit@'));
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    expect((await server().report()).calls)
      .to.include({ append: 1 })
      .and.not.have.property('authorized');
  });

  it('a malformed connection string is refused without being quoted', async () => {
    const failure = await failureOf(openEventStoreDb({ url: 'esdb://admin:s3cret@host:notaport?tls' }));
    expect(failure).to.have.property('name', 'EventStoreError');
    expect(JSON.stringify([String(failure), (failure as Error).cause ?? ''])).to.not.include('s3cret');
  });
});
