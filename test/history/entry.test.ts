import { expect } from 'chai';
import { describe as describeEvent } from '../../src/events/catalogue.ts';
import { UnknownEventError } from '../../src/events/domainEvent.ts';
import { entryOf, history } from '../../src/projections/views/history.ts';
import { aPerson, aUser, recorded } from './support/people.ts';

describe('The summary of an event', () => {
  const edited = (...members: string[]): string =>
    describeEvent({
      type: 'UserEdited',
      data: { changes: Object.fromEntries(members.map((member) => [member, { from: 'old', to: 'new' }])) },
    });

  it('says what happened to whom', () => {
    expect(describeEvent({ type: 'PersonaRegistered', data: aPerson })).to.equal(
      'The person was registered.',
    );
    expect(describeEvent({ type: 'UserRegistered', data: aUser })).to.equal('The user was registered.');
    expect(describeEvent({ type: 'UserRemoved', data: {} })).to.equal('The user was taken off the roll.');
  });

  it('names the changed members, or counts them if there are many', () => {
    expect(edited('cuota')).to.equal("The user's cuota was changed.");
    expect(edited('cuota', 'email')).to.equal("The user's cuota and email were changed.");
    expect(edited('cuota', 'email', 'CP', 'pais', 'socio')).to.equal(
      "The user's cuota, email, CP, pais and socio were changed.",
    );
    expect(edited('cuota', 'email', 'CP', 'pais', 'socio', 'nombre')).to.equal(
      "The user's cuota, email, CP, pais and 2 more were changed.",
    );
  });

  it('says that a change is a revert', () => {
    const event = {
      type: 'PersonaProfileUpdated',
      data: { changes: { dni: { from: '1', to: '2' } } },
    } as const;
    expect(describeEvent(event, { revertTo: 3 })).to.equal(
      "The person's dni was put back to what revision 3 had.",
    );
  });

  it('never contains values', () => {
    expect(edited('cuota')).not.to.match(/old|new/);
    expect(describeEvent({ type: 'UserRegistered', data: aUser })).not.to.contain(aUser.email);
  });
});

describe('An entry of the history', () => {
  it('given an edit, says who changed what, when, from what to what, and why', () => {
    const entry = entryOf(
      recorded(
        { type: 'UserEdited', data: { changes: { cuota: { from: 25, to: 30 } } } },
        { revision: 4, position: 12n, metadata: { reason: 'a mistake', revertTo: 2 } },
      ),
    );
    expect(entry).to.deep.equal({
      position: '12',
      subject: 'user-15',
      revision: 4,
      type: 'UserEdited',
      at: '2024-03-01T08:00:00.000Z',
      actor: { account: 'ada', role: 'admin' },
      correlation: 'c-1',
      request: 'r-1',
      summary: "The user's cuota was put back to what revision 2 had.",
      reason: 'a mistake',
      changes: [{ field: 'cuota', before: 25, after: 30 }],
    });
  });

  it('given a registration, has every member except the id, with nothing before', () => {
    const entry = entryOf(recorded({ type: 'PersonaRegistered', data: aPerson }, { stream: 'persona-5' }));
    expect(entry?.changes).to.deep.equal(
      ['nombres', 'apellidos', 'telefono', 'dni', 'foto_url', 'cuenta', 'created_at'].map((field) => ({
        field,
        before: null,
        after: aPerson[field as keyof typeof aPerson],
      })),
    );
    expect(entry?.reason).to.equal(null);
  });

  it('given a removal, changes no member', () => {
    expect(entryOf(recorded({ type: 'UserRemoved', data: {} }))?.changes).to.deep.equal([]);
  });

  it('masks credentials before it is stored', () => {
    const row = history.rowOf(recorded({ type: 'UserRegistered', data: aUser }));
    expect(row?.json).not.to.contain(aUser.password).and.not.to.contain('123456"');
    const entry = entryOf(recorded({ type: 'UserRegistered', data: aUser }));
    const masked = entry?.changes.filter(({ after }) => after === '***').map(({ field }) => field);
    expect(masked).to.deep.equal(['password', 'verificationCode']);
  });

  it('is found by subject, correlation, actor, type and each changed member', () => {
    const event = recorded({
      type: 'UserEdited',
      data: { changes: { cuota: { from: 1, to: 2 }, CP: { from: 'a', to: 'b' } } },
    });
    const row = history.rowOf(event);
    expect(row).to.include({ position: 7n, at: Date.parse('2024-03-01T08:00:00.000Z') });
    expect(row?.keys).to.deep.equal([
      'subject:user-15',
      'correlation:c-1',
      'actor:ada',
      'type:UserEdited',
      'field:cuota',
      'field:CP',
    ]);
  });

  it('is not made for a lapsed reservation', () => {
    const lapse = recorded({ type: 'ReservationLapsed', data: { reservation: 'reservation-x' } });
    expect(history.rowOf(lapse)).to.equal(null);
  });

  it('is not guessed for an event that only a newer padron can read', () => {
    const unknown = recorded({ type: 'UserPromoted', data: {} });
    expect(() => history.rowOf(unknown)).to.throw(UnknownEventError);
    const newer = recorded({ type: 'UserRemoved', data: {} }, { metadata: { schemaVersion: 2 } });
    expect(() => history.rowOf(newer)).to.throw(UnknownEventError);
  });
});
