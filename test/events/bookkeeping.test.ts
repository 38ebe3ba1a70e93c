import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { bookkeepingEvent } from '../../src/events/bookkeeping/bookkeeping.ts';
import { BOOKKEEPING_EVENTS } from '../../src/events/catalogue.ts';
import { UnknownEventError } from '../../src/events/domainEvent.ts';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import type { BookkeepingEvent } from '../../src/events/types.ts';
import { event } from './contract/steps.ts';

const FOLDER = new URL('../fixtures/bookkeeping/', import.meta.url);
type Type = BookkeepingEvent['type'];

/** What was once written, and how it is read today. A file is never changed, and never removed. */
interface Sample {
  stored: { type: Type; data: object; metadata: object };
  now: object;
}

const samples = readdirSync(FOLDER).map((file) => ({
  file,
  sample: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Sample,
}));

function recorded({ type, data, metadata }: Sample['stored']): RecordedEvent {
  const base = event(type, data);
  const place = { stream: 'the-books', revision: 0, position: 1n };
  return { ...base, ...place, metadata: { ...base.metadata, ...metadata } };
}

describe('Stored samples of bookkeeping events', () => {
  it('exist for each type and each readable version', () => {
    const expected = Object.entries(BOOKKEEPING_EVENTS).flatMap(([type, { upcasts }]) =>
      Array.from({ length: upcasts.length + 1 }, (_, index) => `${type}.${index + 1}.json`),
    );
    expect(samples.map(({ file }) => file)).to.have.members(expected);
  });

  for (const { file, sample } of samples) {
    const { type, data, metadata } = sample.stored;
    it(`are converted to the current shape: ${file}`, () => {
      expect(bookkeepingEvent(recorded(sample.stored), [type])).to.deep.equal({ type, data: sample.now });
    });

    it(`are unknown if a member is missing or has another type: ${file}`, () => {
      for (const member of Object.keys(data)) {
        for (const wrong of [undefined, {}, -2, 1.5, '']) {
          const damaged = { type, data: { ...data, [member]: wrong }, metadata };
          const read = (): object => bookkeepingEvent(recorded(damaged), [type]);
          expect(read, `${member}: ${typeof wrong}`).to.throw(UnknownEventError);
        }
      }
    });
  }

  it('are unknown in an unreadable version or with a type that does not belong in the stream', () => {
    for (const { sample } of samples) {
      const { type, data } = sample.stored;
      for (const schemaVersion of [0, 3, 1.5, Number.NaN, undefined]) {
        const newer = recorded({ type, data, metadata: { schemaVersion } });
        expect(() => bookkeepingEvent(newer, [type])).to.throw(UnknownEventError);
      }
      const elsewhere = Object.keys(BOOKKEEPING_EVENTS).filter((one) => one !== type) as Type[];
      expect(() => bookkeepingEvent(recorded(sample.stored), elsewhere)).to.throw(UnknownEventError);
    }
  });
});
