import type { Writable } from 'node:stream';
import { expect } from 'chai';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { closeClient, createClient } from '../../src/events/stores/eventstoredb/connecting/client.ts';
import { itemsOf } from '../../src/events/stores/eventstoredb/calls/items.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { event, failureOf } from './contract/steps.ts';
import { eventually, onFaultyServer, one } from './faultyEventStoreDb.ts';

describe('The connection of the EventStoreDB adapter', () => {
  const { server, open } = onFaultyServer();

  it('never sends credentials without TLS', async () => {
    const store = await open(2000, server().url.replace('esdb://', 'esdb://admin:changeit@'));
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    expect((await server().report()).calls)
      .to.include({ batchAppend: 1 })
      .and.not.have.property('authorized');
  });

  it('rejects a malformed connection string without quoting it', async () => {
    const failure = await failureOf(openEventStoreDb({ url: 'esdb://admin:s3cret@host:notaport?tls' }));
    expect(failure).to.have.property('name', 'EventStoreRefusedError');
    expect(String(failure)).to.include('EVENTSTORE_URL');
    expect(JSON.stringify([String(failure), (failure as Error).cause ?? ''])).to.not.include('s3cret');
  });

  it('rejects an option that is not supported, which the client would print with the password', async () => {
    const { warn } = console;
    const printed: unknown[] = [];
    console.warn = (...texts: unknown[]) => printed.push(...texts);
    try {
      for (const option of [
        'noSuch=1',
        'tls=false&tlsCaFiles=/x',
        'dnsDiscover=true',
        'tlsVerifyCert=false',
      ]) {
        const url = `esdb://admin:s3cret@host:2113?${option}`;
        const failure = await failureOf(openEventStoreDb({ url }));
        expect(failure, option).to.have.property('name', 'EventStoreRefusedError');
        expect(String(failure)).to.contain('EVENTSTORE_URL').and.not.to.contain('s3cret');
      }
    } finally {
      console.warn = warn;
    }
    expect(printed).to.deep.equal([]);
    const known = 'tls=false&tls-verify-cert=true&node_preference=leader&maxDiscoverAttempts=3';
    for (const host of ['host', 'host1,host2:2114', 'admin:s3cret?@host'])
      createClient(`esdb://${host}?${known}`);
  });

  it('closes even if the client never finishes its calls', async () => {
    const client = createClient(server().url);
    client.dispose = () => new Promise<void>(() => undefined);
    await closeClient(client);
  });

  it('closes even while a call gets no answer', async () => {
    const store = await open(500);
    await store.append([one('persona-1', NO_REVISION, event('A'))]);
    await server().silence(60_000);
    const reading = failureOf(store.readStream('persona-1', { limit: 1 }));
    await store.close();
    expect(await reading).to.have.property('name', 'EventStoreError');
    await server().reset();
  });

  it('closes even after a read was left before its last events', async () => {
    const store = await open(2000);
    await store.append([one('persona-1', NO_REVISION, ...Array.from({ length: 40 }, () => event('A')))]);
    const client = createClient(server().url);
    const stream = client.readStream('persona-1');
    for await (const item of itemsOf(stream, { silenceMs: 2000 })) {
      expect(item).to.be.an('object');
      // 32 of the 40 wait in the stream, the others and the end of the call behind it.
      await eventually(async () => (stream as unknown as Writable).writableLength === 16);
      for await (const later of itemsOf(client.readStream('persona-1'), { silenceMs: 2000 }))
        expect(later).to.exist;
      break;
    }
    await closeClient(client);
  });
});
