import { expect } from 'chai';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import { whenAnswered } from '../../src/platform/mongodb/answers.ts';
import { MongoFailure, MongoRefusal } from '../../src/platform/mongodb/mongoFailure.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { KeyStoreError } from '../../src/sealing/keyStore.ts';
import { rejection } from '../projections/faultyMongo.ts';

const reported = (code: number, codeName: string): MongoServerError =>
  new MongoServerError({ message: 'padron:s3cret is not welcome', code, codeName });

describe('An error from MongoDB', () => {
  it('becomes a MongoFailure with its name and code, without contents of documents', async () => {
    const reported = new MongoServerError({
      message: 'E11000 duplicate key error dup key: { email: "maria@example.com" }',
      code: 11000,
      codeName: 'DuplicateKey',
      keyValue: { email: 'maria@example.com' },
    });
    const error = await rejection(whenAnswered(() => Promise.reject(reported)));
    expect(error).to.be.instanceOf(MongoFailure);
    expect(error.message).to.equal('MongoDB: MongoServerError, code 11000, DuplicateKey');
    expect(error.cause).to.equal(undefined);
  });

  it('leads to at most three attempts if the connection was lost', async () => {
    let attempts = 0;
    const error = await rejection(
      whenAnswered(() => {
        attempts++;
        return Promise.reject(new MongoNetworkError('connection closed'));
      }),
    );
    expect(error).to.be.instanceOf(MongoFailure);
    expect(attempts).to.equal(3);
  });

  it('leads to no further attempt if the server refused', async () => {
    let attempts = 0;
    const refused = new MongoServerError({ message: 'not authorized', code: 13 });
    await rejection(
      whenAnswered(() => {
        attempts++;
        return Promise.reject(refused);
      }),
    );
    expect(attempts).to.equal(1);
  });

  it('becomes a MongoFailure with its code if it came from a socket, and leads to further attempts', async () => {
    let attempts = 0;
    const broken = Object.assign(new Error('write EPIPE maria@example.com'), {
      code: 'EPIPE',
      syscall: 'write',
    });
    const error = await rejection(
      whenAnswered(() => {
        attempts++;
        return Promise.reject(broken);
      }),
    );
    expect(error).to.be.instanceOf(MongoFailure);
    expect(error.message).to.equal('MongoDB: Error, code EPIPE');
    expect(attempts).to.equal(3);
  });

  it('is raised at the time limit, even if the driver never settles', async () => {
    let attempts = 0;
    const error = await rejection(
      whenAnswered(() => {
        attempts++;
        return new Promise<never>(() => undefined);
      }, 20),
    );
    expect(error).to.be.instanceOf(MongoFailure);
    expect(error.message).to.equal('MongoDB: NoAnswerError, no answer within 20 ms');
    expect(attempts).to.equal(1);
  });

  it('is passed on at once and unchanged if it is one of padron’s own, whichever store it is of', async () => {
    for (const own of [new ReadModelError('the generation is gone'), new KeyStoreError('no key')]) {
      let attempts = 0;
      const error = await rejection(
        whenAnswered(() => {
          attempts++;
          return Promise.reject(own);
        }),
      );
      expect(error).to.equal(own);
      expect(attempts).to.equal(1);
    }
  });

  it('is passed on unchanged if it is a programming error', async () => {
    const fault = new RangeError('too large');
    expect(await rejection(whenAnswered(() => Promise.reject(fault)))).to.equal(fault);
  });

  const refusals: [what: string, error: MongoServerError, named: RegExp][] = [
    ['a wrong password', reported(18, 'AuthenticationFailed'), /name or password in MONGODB_URL is wrong/],
    ['a missing right', reported(13, 'Unauthorized'), /readWrite/],
  ];
  for (const [what, error, named] of refusals) {
    it(`is reported as a refusal with ${what}, without secrets`, async () => {
      const refused = await rejection(whenAnswered(() => Promise.reject(error)));
      expect(refused).to.be.instanceOf(MongoRefusal);
      expect(refused.message).to.match(named).and.to.not.contain('s3cret');
    });
  }
});
