import { expect } from 'chai';
import { NO_VIEW_RECORD } from '../../src/projections/record/viewRecord.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import type { ViewBatch, ViewStore } from '../../src/projections/ports/documents.ts';
import { ReadModelError, ReadModelRefusedError } from '../../src/projections/record/readModelError.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { startFaultyProxy } from '../support/faultyProxy.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { at, PEOPLE, person } from './contract/examples.ts';
import { behindFaultyProxy, rejection } from './faultyMongo.ts';

const batchOf = (name: string, from: Checkpoint | null, to: Checkpoint): ViewBatch => ({
  documents: [person(1, Number(to.position), name)],
  from,
  to,
});

describe('A MongoDB URL', () => {
  for (const url of ['mongodb://localhost', 'mongodb://localhost/', 'http://localhost/padron', 'padron']) {
    it(`is refused at once without a database or scheme: ${url}`, async () => {
      const error = await rejection(openMongoReadModel({ url }));
      expect(error).to.be.instanceOf(ReadModelRefusedError);
      expect(error.message).to.include('MONGODB_URL');
    });
  }

  it('is refused without repeating the password', async () => {
    const error = await rejection(openMongoReadModel({ url: 'mongodb://padron:secret@host:port/padron' }));
    expect(error).to.be.instanceOf(ReadModelRefusedError);
    expect(`${error.message} ${String(error.cause)}`).not.to.include('secret');
  });
});

describeOnMongo('MongoDB', () => {
  describe('the read model on MongoDB, when the server does not answer', () => {
    const { database, proxy, readModel, restart } = behindFaultyProxy();
    let view: ViewStore;

    beforeEach(async () => {
      view = await readModel().open(PEOPLE, 1);
    });

    it('retries a write whose replies were lost, and recognises that it was applied', async () => {
      proxy().loseNextAnswerTo('update'); // the documents
      expect(await view.write(batchOf('Ana', null, at(1n)))).to.equal('written');
      expect(proxy().lost).to.deep.equal(['update']);
      expect(await view.load([1])).to.deep.equal(batchOf('Ana', null, at(1n)).documents);
      expect(await view.checkpoint()).to.deep.equal(at(1n));
    });

    it('recognises that the checkpoint moved when only the reply was lost', async () => {
      await view.write(batchOf('Ana', null, at(1n)));
      proxy().loseNextAnswerTo('update');
      expect(await view.write({ documents: [], from: at(1n), to: at(2n) })).to.equal('written');
      expect(proxy().lost).to.deep.equal(['update']);
      expect(await view.checkpoint()).to.deep.equal(at(2n));
    });

    it('refuses a batch if another writer moved the checkpoint elsewhere, even after a lost reply', async () => {
      await view.write(batchOf('Ana', null, at(1n)));
      proxy().loseNextAnswerTo('update');
      expect(await view.write({ documents: [], from: null, to: at(2n) })).to.equal('refused');
      expect(proxy().lost).to.deep.equal(['update']);
    });

    it('recovers automatically after every connection was cut', async () => {
      await view.write(batchOf('Ana', null, at(1n)));
      proxy().cut();
      expect(await view.load([1])).to.have.lengthOf(1);
      proxy().cut();
      expect(await view.write(batchOf('Eva', at(1n), at(2n)))).to.equal('written');
    });

    it('rejects within its time limit when the server stops answering', async () => {
      proxy().silence();
      const began = performance.now();
      const faults = await Promise.all([
        rejection(view.load([1])),
        rejection(view.checkpoint()),
        rejection(view.write(batchOf('Ana', null, at(1n)))),
        rejection(view.page({ after: 0, limit: 10, words: ['ana'] })),
      ]);
      for (const fault of faults) expect(fault).to.be.instanceOf(ReadModelError);
      expect(performance.now() - began).to.be.lessThan(8_000);
    });

    it('rejects when there is no server, both at the start and later', async () => {
      const { url } = proxy();
      await proxy().close();
      expect(await rejection(view.write(batchOf('Ana', null, at(1n))))).to.be.instanceOf(ReadModelError);
      const error = await rejection(openMongoReadModel({ url }));
      expect(error).to.be.instanceOf(ReadModelError);
      expect(error.message).to.include('ECONNREFUSED');
      await restart();
    });

    it('rejects a read of the checkpoint when the records were dropped by hand', async () => {
      await view.write(batchOf('Ana', null, at(1n)));
      await database().drop();
      expect(await rejection(view.checkpoint())).to.be.instanceOf(ReadModelError);
      expect(await view.write(batchOf('Ana', null, at(1n)))).to.equal('refused');
    });

    it('rejects with ReadModelError after it was closed', async () => {
      await readModel().close();
      expect(await rejection(view.load([1]))).to.be.instanceOf(ReadModelError);
    });
  });

  describe('a write on MongoDB', () => {
    for (const [where, asRouter, concern] of [
      [
        'waits for the journal, and for the majority where there are replica sets',
        true,
        { w: 'majority', wtimeout: 10_000 },
      ],
      ['waits for the journal of a standalone server, which has no majority', false, undefined],
    ] as const) {
      it(where, async () => {
        const database = testDatabase();
        const proxy = await startFaultyProxy(database.url, { asRouter });
        const readModel = await openMongoReadModel({ url: proxy.url });
        try {
          const durable = { ...concern, j: true };
          const view = await readModel.open(PEOPLE, 1);
          expect(await view.write(batchOf('Ana', null, at(1n)))).to.equal('written');
          // At least the control document, the generation in it, the view's document, and the checkpoint.
          expect(proxy.writeConcerns).to.have.length.greaterThan(3);
          for (const one of proxy.writeConcerns) expect(one).to.deep.equal(durable);
          await readModel.controls.replace(PEOPLE, null, NO_VIEW_RECORD);
          expect(proxy.writeConcerns.at(-1)).to.deep.equal(durable);
        } finally {
          await readModel.close();
          await proxy.close();
          await database.drop();
        }
      });
    }
  });
});
