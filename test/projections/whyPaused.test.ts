import { expect } from 'chai';
import { errorOf, failureOf } from '../../src/embedded/threads/threadFailure.ts';
import { UnknownEventError } from '../../src/events/domainEvent.ts';
import { EventStoreError, KeyUnavailableError } from '../../src/events/eventErrors.ts';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import { isUnreachable } from '../../src/platform/storeError.ts';
import { ForeignLogError } from '../../src/projections/following/logIdentity.ts';
import { BlockedError, reportOf } from '../../src/projections/following/whyPaused.ts';
import { ReadModelError, UnknownRecordError } from '../../src/projections/record/readModelError.ts';

const unknown = { stream: 'user-9', revision: 0, type: 'UserPromoted', metadata: { schemaVersion: 1 } };

describe('The state of a view whose work failed', () => {
  const blocked: [name: string, error: Error, needs: string][] = [
    ['an event of a newer padron', new UnknownEventError(unknown as RecordedEvent), 'upgrade'],
    ['a record of a newer padron', new UnknownRecordError('the record of users@1'), 'upgrade'],
    ['a missing key', new KeyUnavailableError('user-9@0'), 'key'],
    ['a generation that waits for a key', new BlockedError('a key is missing', 'key'), 'key'],
  ];
  for (const [name, error, needs] of blocked) {
    it(`is paused after ${name}, here and in another thread`, () => {
      const report = { state: 'paused', lastError: error.message, needs };
      expect(reportOf(error)).to.deep.equal(report);
      const sent = errorOf(failureOf(error));
      expect(reportOf(sent)).to.deep.equal(report);
      // The work goes on once it has what it needs, and a request that meets it is a 503.
      expect(isUnreachable(sent)).to.equal(true);
    });
  }

  it('is paused over another log, which fails the build of a thread', () => {
    const error = new ForeignLogError();
    expect(reportOf(error)).to.deep.equal({ state: 'paused', lastError: error.message, needs: 'rebuild' });
    expect(isUnreachable(errorOf(failureOf(error)))).to.equal(false);
  });

  for (const error of [
    new EventStoreError('no answer', { outcomeUnknown: false }),
    new ReadModelError('no answer'),
  ]) {
    it(`is stalled after ${error.name}, here and in another thread`, () => {
      const report = { state: 'stalled', lastError: 'no answer' };
      expect(reportOf(error)).to.deep.equal(report);
      expect(reportOf(errorOf(failureOf(error)))).to.deep.equal(report);
    });
  }

  it('is stalled after a fault, whose text is not shown', () => {
    expect(reportOf(new TypeError('Ana'))).to.deep.equal({ state: 'stalled', lastError: 'TypeError' });
  });
});
