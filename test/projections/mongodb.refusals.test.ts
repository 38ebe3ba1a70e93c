import { expect } from 'chai';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { ReadModelError, ReadModelRefusedError } from '../../src/projections/record/readModelError.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { untilReachable } from '../../src/platform/untilReachable.ts';
import { selfSignedCertificate } from '../support/certificate.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { rejection } from './faultyMongo.ts';

describe('A MongoDB that refuses permanently', () => {
  it('is reported with a certificate that no known authority has signed', async () => {
    const folder = newFolder();
    const { key, certificate } = await selfSignedCertificate(folder);
    const server = createServer({ key, cert: certificate }, (socket) => socket.on('error', () => undefined));
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const url = `mongodb://localhost:${port}/padron?tls=true`;
      const refused = await rejection(openMongoReadModel({ url, timeLimitMs: 500 }));
      expect(refused).to.be.instanceOf(ReadModelRefusedError);
      expect(refused.message).to.match(/certificate of MongoDB is not accepted \(.*tlsCAFile/);
    } finally {
      server.close();
      removeFolder(folder);
    }
  });

  it('is reported for a database name that no server takes, and for a file that cannot be read', async () => {
    const refusedFor = async (place: string): Promise<string> => {
      const url = `mongodb://padron:s3cret@127.0.0.1:1/${place}`;
      const refused = await rejection(openMongoReadModel({ url, timeLimitMs: 500 }));
      expect(refused, place).to.be.instanceOf(ReadModelRefusedError);
      expect(refused.message).to.contain('MONGODB_URL').and.not.to.contain('s3cret');
      return refused.message;
    };
    for (const name of ['pa.dron', 'pa$dron', 'pa%20dron', 'pa%2Fdron', '%', 'ñ'.repeat(30)])
      expect(await refusedFor(name), name).to.contain('the name of a database');
    expect(await refusedFor('padron?tls=true&tlsCAFile=/no/such/ca.crt')).to.contain('(ENOENT)');
    expect(await refusedFor('padron?tls=true&tlsCAFile=/')).to.contain('(EISDIR)');
  });

  it('ends the wait at a start, unlike an outage', async () => {
    const logger = { info: () => undefined, warn: () => undefined };
    const stopping = new AbortController();
    let tries = 0;
    const error = await rejection(
      untilReachable(
        'the read model',
        async () => {
          tries += 1;
          throw tries === 1 ? new ReadModelError('away') : new ReadModelRefusedError('wrong password');
        },
        { logger, signal: stopping.signal },
      ),
    );
    expect(error).to.be.instanceOf(ReadModelRefusedError);
    expect(tries).to.equal(2);
  });

  it('is not assumed if its name does not resolve yet, which counts as an outage', async () => {
    const url = 'mongodb+srv://no-such-host.invalid/padron';
    const error = await rejection(openMongoReadModel({ url, timeLimitMs: 500 }));
    expect(error).to.be.instanceOf(ReadModelError).and.not.instanceOf(ReadModelRefusedError);
  });
});
