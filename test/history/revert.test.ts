import { expect } from 'chai';
import { revertPersona } from '../../src/commands/revertPersona.ts';
import { revertUser } from '../../src/commands/revertUser.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { aPerson, aUser } from './support/people.ts';

const admin = { account: 'ada', role: 'admin' };
const context = { actor: admin, id: 5, now: '2024-04-01T00:00:00.000Z' };
const noRevision = { code: 'invalid', faults: [{ path: '/revision', member: 'revision', rule: 'revision' }] };

describe('Reverting a person', () => {
  const decide = (state: PersonaRecord | null, target: PersonaRecord | null): unknown =>
    revertPersona.decide({ id: 5, target }, state, context);

  it('given other current values, restores the members that an update may change', () => {
    const now = { ...aPerson, nombres: 'Anna', telefono: '1', dni: '99' };
    expect(decide(now, aPerson)).to.deep.equal([
      {
        type: 'PersonaProfileUpdated',
        data: {
          changes: {
            nombres: { from: 'Anna', to: 'Ana' },
            telefono: { from: '1', to: null },
            dni: { from: '99', to: '12345678Z' },
          },
        },
      },
    ]);
  });

  it('given the same values, changes nothing', () => {
    expect(decide(aPerson, { ...aPerson })).to.deep.equal([]);
  });

  it('given an unknown person, fails as not found', () => {
    expect(decide(null, aPerson)).to.deep.equal({ code: 'not-found' });
  });

  it('given a revision that the person never had, fails for that revision', () => {
    expect(decide(aPerson, null)).to.deep.equal(noRevision);
    expect(decide(aPerson, { ...aPerson, id: 6 })).to.deep.equal(noRevision);
  });
});

describe('Reverting a user', () => {
  const decide = (state: UserRecord | null, target: UserRecord | null, actor = admin): unknown =>
    revertUser.decide({ dni: '45678912C', target }, state, { ...context, actor });

  it('given other current values, edits them back to the earlier ones', () => {
    const now = { ...aUser, cuota: 40, fechabaja: '2024-05-01', categoria: 'honor' };
    expect(decide(now, aUser)).to.deep.equal([
      {
        type: 'UserEdited',
        data: {
          changes: {
            fechabaja: { from: '2024-05-01', to: null },
            cuota: { from: 40, to: 25 },
            categoria: { from: 'honor', to: 'socio' },
          },
        },
      },
    ]);
  });

  it('leaves the DNI, the password and the e-mail verification unchanged', () => {
    const then = {
      ...aUser,
      password: 'old hash',
      dni: '4567 8912-C',
      isVerified: false,
      verificationCode: '9',
    };
    expect(decide(aUser, then)).to.deep.equal([]);
  });

  it('given an unknown user, or a DNI that now belongs to another user, fails as not found', () => {
    expect(decide(null, aUser)).to.deep.equal({ code: 'not-found' });
    expect(decide({ ...aUser, dni: '1' }, aUser)).to.deep.equal({ code: 'not-found' });
  });

  it('given a revision that the user never had, or that belongs to a previous holder of the DNI, fails for that revision', () => {
    expect(decide(aUser, null)).to.deep.equal(noRevision);
    expect(decide(aUser, { ...aUser, IdUsuario: 3 })).to.deep.equal(noRevision);
  });

  it('follows the rules of an edit', () => {
    const monitor = { account: 'mo', role: 'monitor' };
    const wasAdmin = { ...aUser, categoria: 'admin' };
    expect(decide(aUser, wasAdmin, monitor)).to.deep.equal({ code: 'forbidden' });
    expect(decide(aUser, { ...aUser, fechabaja: '2020-01-01' })).to.deep.include({ code: 'invalid' });
  });
});
