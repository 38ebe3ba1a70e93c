import { expect } from 'chai';
import { ErasedData } from '../../src/events/codec.ts';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import type { DomainEvent } from '../../src/events/types.ts';
import { operationOf, type SubjectOperation } from '../../src/imports/undo/operation.ts';
import { decideUndoOfEdit, decideUndoOfRegistration } from '../../src/imports/undo/undoDecision.ts';
import { personaRegistered, socia, userRegistered, userRemoved } from '../support/decisions.ts';

const edited = (changes: object): DomainEvent => ({ type: 'UserEdited', data: { changes } });

/** What an operation did that stored these events in the order of the log. */
async function operation(...events: [string, number, DomainEvent][]): Promise<SubjectOperation[]> {
  const recorded = events.map(
    ([stream, revision, event]) =>
      ({ ...event, stream, revision, metadata: { schemaVersion: 1 } }) as unknown as RecordedEvent,
  );
  async function* all(): AsyncGenerator<RecordedEvent> {
    yield* recorded;
  }
  return operationOf(all());
}

describe('An operation', () => {
  it('has for each subject the value before it and after it, though it edited a member twice', async () => {
    const first = edited({ cuota: { from: 30, to: 45 }, pais: { from: 'España', to: 'Francia' } });
    const second = edited({ cuota: { from: 45, to: 50 } });
    expect(
      await operation(['user-15', 3, first], ['user-16', 1, first], ['user-15', 4, second]),
    ).to.deep.equal([
      {
        stream: 'user-15',
        kind: 'user',
        id: 15,
        did: 'edit',
        changes: { cuota: { from: 30, to: 50 }, pais: { from: 'España', to: 'Francia' } },
        revision: 4,
      },
      {
        stream: 'user-16',
        kind: 'user',
        id: 16,
        did: 'edit',
        changes: { cuota: { from: 30, to: 45 }, pais: { from: 'España', to: 'Francia' } },
        revision: 1,
      },
    ]);
  });

  it('is a registration, a removal or an erasure where it did that to the subject, whatever it edited too', async () => {
    const edit = edited({ cuota: { from: 30, to: 45 } });
    const did = await operation(
      ['user-15', 0, userRegistered()],
      ['user-15', 1, edit],
      ['user-16', 1, edit],
      ['user-16', 2, userRemoved],
      ['persona-5', 0, personaRegistered()],
      ['user-17', 0, { ...edit, data: new ErasedData() } as unknown as DomainEvent],
    );
    expect(did.map(({ stream, did: what, revision }) => [stream, what, revision])).to.deep.equal([
      ['user-15', 'register', 1],
      ['user-16', 'remove', 2],
      ['persona-5', 'register', 0],
      ['user-17', 'erase', 0],
    ]);
  });

  it('does not include that the claim of a value lapsed', async () => {
    const lapsed = { type: 'ReservationLapsed', data: { reservation: `reservation-${'r'.repeat(43)}` } };
    const did = await operation(
      ['user-15', 1, edited({ cuota: { from: 30, to: 45 } })],
      ['user-15', 2, lapsed as unknown as DomainEvent],
      ['user-16', 0, lapsed as unknown as DomainEvent],
    );
    expect(did.map(({ stream, revision }) => [stream, revision])).to.deep.equal([['user-15', 1]]);
  });
});

describe('The undo of an edit', () => {
  const changes = { cuota: { from: 30, to: 45 }, fechabaja: { from: null, to: '2024-12-31' } };
  /** `given` the user with these members now. */
  const given = (present: object) => decideUndoOfEdit(changes, { ...socia, ...present });

  it('given the values of the operation, brings back the former ones', () => {
    expect(given({ cuota: 45, fechabaja: '2024-12-31' })).to.deep.equal({
      former: { cuota: 30, fechabaja: null },
      left: [],
    });
  });

  it('given a member that was changed afterwards, leaves it alone and brings back the others', () => {
    expect(given({ cuota: 99, fechabaja: '2024-12-31' })).to.deep.equal({
      former: { fechabaja: null },
      left: ['cuota'],
    });
  });

  it('given a member of the operation that somebody changed back, neither changes nor reports it', () => {
    expect(given({ cuota: 30, fechabaja: '2024-12-31' })).to.deep.equal({
      former: { fechabaja: null },
      left: [],
    });
  });

  it('given an undo before it, does nothing', () => {
    expect(given({ cuota: 30, fechabaja: null })).to.deep.equal({ former: {}, left: [] });
  });

  it('leaves members alone that the operation did not touch', () => {
    expect(given({ cuota: 45, fechabaja: '2024-12-31', nombre: 'Other' }).former).not.to.have.property(
      'nombre',
    );
  });
});

describe('The undo of a registration', () => {
  const registered = { kind: 'user', revision: 3 } as const;

  it('given the user as registered, removes the user', () => {
    expect(decideUndoOfRegistration(registered, { state: socia, revision: 3 })).to.equal('remove');
  });

  it('given a user whom somebody edited afterwards, leaves the user alone', () => {
    expect(decideUndoOfRegistration(registered, { state: socia, revision: 4 })).to.deep.equal({
      code: 'changed-since-registration',
    });
  });

  it('given a user who is off the roll, does nothing: also when it is undone twice', () => {
    expect(decideUndoOfRegistration(registered, { state: null, revision: 4 })).to.equal('nothing');
  });

  it('given a person, leaves the person alone: persons are not removed', () => {
    expect(
      decideUndoOfRegistration({ kind: 'persona', revision: 0 }, { state: socia, revision: 0 }),
    ).to.deep.equal({ code: 'persons-stay' });
  });
});
