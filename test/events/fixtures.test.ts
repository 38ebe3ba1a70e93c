import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { applyRecorded, NOTHING_LOADED, type Aggregate, type Loaded } from '../../src/domain/aggregate.ts';
import { persona } from '../../src/domain/persona.ts';
import { user } from '../../src/domain/user.ts';
import { BOOKKEEPING_EVENTS, HISTORY_EVENTS, writtenVersion } from '../../src/events/catalogue.ts';
import { toDomainEvent, UnknownEventError } from '../../src/events/domainEvent.ts';
import { EventFault } from '../../src/events/eventErrors.ts';
import { entryOf } from '../../src/projections/views/history.ts';
import { recorded } from '../history/support/people.ts';

const FOLDER = new URL('../fixtures/events/', import.meta.url);

/** What was once written, and what it makes of a subject's state today. A file is never changed, and never removed. */
interface Sample {
  stored: { type: string; data: object; metadata: { schemaVersion: number } };
  before: object | null;
  after: object | null;
}

const nameOf = (type: string, version: number): string => `${type}.${version}.json`;
const sampleIn = (file: string): Sample => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Sample;

describe('Stored samples of events', () => {
  it('exist for each type and each readable version', () => {
    const { ReservationLapsed } = BOOKKEEPING_EVENTS;
    const types = Object.entries({ ...HISTORY_EVENTS, ReservationLapsed });
    const expected = types.flatMap(([type, { upcasts }]) =>
      Array.from({ length: upcasts.length + 1 }, (_, index) => nameOf(type, index + 1)),
    );
    expect(readdirSync(FOLDER)).to.have.members(expected);
  });

  for (const file of readdirSync(FOLDER)) {
    it(`can be folded today: ${file}`, () => {
      const { stored, before, after } = sampleIn(file);
      expect(nameOf(stored.type, stored.metadata.schemaVersion)).to.equal(file);
      const isPersona = stored.type.startsWith('Persona');
      const event = recorded(stored, {
        metadata: stored.metadata,
        stream: isPersona ? 'persona-5' : 'user-15',
      });
      const loaded = { ...NOTHING_LOADED, state: before, began: before !== null } as Loaded<object>;
      const aggregate = (isPersona ? persona : user) as Aggregate<object>;
      expect(applyRecorded(aggregate, loaded, event).state).to.deep.equal(after);
      const entry = entryOf(event);
      if (stored.type === 'ReservationLapsed') expect(entry).to.equal(null);
      else expect(entry).to.include({ type: stored.type, subject: event.stream });
    });
  }

  it('are converted through every version from their own to the current one', () => {
    const UserEdited = {
      upcasts: [
        (older: object) => ({ second: 'AB', ...older }),
        ({ second }: { second?: string }) => ({ changes: { CP: { from: '1', to: second?.toLowerCase() } } }),
      ],
    };
    const events = { ...HISTORY_EVENTS, UserEdited };
    const stored = (schemaVersion: number, data: object): ReturnType<typeof recorded> =>
      recorded({ type: 'UserEdited', data }, { metadata: { schemaVersion } });
    const data = (to: string): object => ({ changes: { CP: { from: '1', to } } });
    expect(toDomainEvent(stored(1, {}), events)?.data).to.deep.equal(data('ab'));
    expect(toDomainEvent(stored(2, { second: 'CD' }), events)?.data).to.deep.equal(data('cd'));
    expect(toDomainEvent(stored(3, data('ef')), events)?.data).to.deep.equal(data('ef'));
    for (const version of [4, 1.5]) {
      expect(() => toDomainEvent(stored(version, data('ef')), events)).to.throw(UnknownEventError);
    }
    for (const version of [0, -1, Number.NaN]) {
      expect(() => toDomainEvent(stored(version, data('ef')), events)).to.throw(EventFault);
    }
  });

  it('are never modified by a read', () => {
    const older = Object.freeze({ changes: Object.freeze({}) });
    const UserEdited = { upcasts: [(data: object) => ({ ...data })] };
    toDomainEvent(recorded({ type: 'UserEdited', data: older }), { ...HISTORY_EVENTS, UserEdited });
    expect(older).to.deep.equal({ changes: {} });
  });

  it('include the version that this padron writes', () => {
    for (const [type, row] of Object.entries({ ...BOOKKEEPING_EVENTS, ...HISTORY_EVENTS })) {
      expect(row.written, type).to.be.within(1, row.upcasts.length + 1);
      expect(writtenVersion(type as Parameters<typeof writtenVersion>[0]), type).to.equal(row.written);
    }
  });

  it('are unknown if their type is', () => {
    for (const type of ['UserPromoted', 'toString', '__proto__', '']) {
      expect(() => toDomainEvent(recorded({ type, data: {} }))).to.throw(UnknownEventError);
    }
  });
});
