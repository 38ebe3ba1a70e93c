import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import { registerUser } from '../../src/commands/registerUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { revertUser } from '../../src/commands/revertUser.ts';
import { user } from '../../src/domain/user.ts';
import { ADMIN, given, MONITOR, socia, userRegistered } from '../support/decisions.ts';
import { editOf, HASH, userBody } from '../support/people.ts';

const BEYOND = [
  'admin',
  'Admin',
  ' ADMIN ',
  'administrador',
  'Administrador',
  'auditor',
  ' Auditor',
  'dpo',
  'DPO ',
];
const ROLES = [...BEYOND, 'monitor', ' Monitor', 'asistente', 'ASISTENTE'];
const forbidden = { code: 'forbidden' };
const byMonitor = { actor: MONITOR };

describe('A monitor', () => {
  for (const categoria of ROLES) {
    it(`may not register a user of categoria «${categoria}»`, () => {
      const body = userBody({ categoria, password: HASH });
      expect(given(user).when(registerUser, body, byMonitor)).to.deep.equal(forbidden);
    });

    it(`may neither give a user the categoria «${categoria}» nor take it away`, () => {
      const socio = given(user, userRegistered());
      expect(socio.when(editUser, editOf(socia, { categoria }), byMonitor)).to.deep.equal(forbidden);
      const holder = given(user, userRegistered({ categoria }));
      const demotion = editOf(socia, { categoria: 'socio' });
      expect(holder.when(editUser, demotion, byMonitor)).to.deep.equal(forbidden);
    });
  }

  for (const categoria of BEYOND) {
    const holder = given(user, userRegistered({ categoria }));

    it(`may not edit, remove or revert a user of categoria «${categoria}»`, () => {
      const newMail = editOf({ ...socia, categoria }, { email: 'miguel@example.com' });
      expect(holder.when(editUser, newMail, byMonitor)).to.deep.equal(forbidden);
      expect(holder.when(removeUser, { dni: socia.dni }, byMonitor)).to.deep.equal(forbidden);
      const past = { dni: socia.dni, target: { ...socia, categoria, telefono: '1' } };
      expect(holder.when(revertUser, past, byMonitor)).to.deep.equal(forbidden);
    });

    it(`may not see the answer to an earlier edit once the user has the categoria «${categoria}»`, () => {
      for (const command of [editUser, registerUser, removeUser, revertUser]) {
        expect(command.mayRepeat?.({ ...socia, categoria }, MONITOR), command.name).to.equal(false);
        expect(command.mayRepeat?.({ ...socia, categoria }, ADMIN), command.name).to.equal(true);
        expect(command.mayRepeat?.(socia, MONITOR), command.name).to.equal(true);
        expect(command.mayRepeat?.(null, MONITOR), command.name).to.equal(true);
      }
    });
  }

  it('may remove a monitor or an asistente, and edit one who stays one, in any spelling', () => {
    for (const [before, after] of [
      ['monitor', ' Monitor'],
      ['asistente', 'asistente'],
    ] as const) {
      const colleague = given(user, userRegistered({ categoria: before }));
      const edit = editOf(socia, { categoria: after, telefono: '699' });
      expect(colleague.when(editUser, edit, byMonitor)).to.have.lengthOf(1);
      expect(colleague.when(removeUser, { dni: socia.dni }, byMonitor)).to.have.lengthOf(1);
    }
  });

  it('may register, edit and remove users whose categoria names no role', () => {
    const body = userBody({ categoria: 'junior', password: HASH });
    expect(given(user).when(registerUser, body, byMonitor))
      .to.be.an('array')
      .with.lengthOf(1);
    const socio = given(user, userRegistered());
    expect(socio.when(editUser, editOf(socia, { categoria: 'junior' }), byMonitor)).to.have.lengthOf(1);
    expect(socio.when(removeUser, { dni: socia.dni }, byMonitor)).to.have.lengthOf(1);
  });
});

describe('An admin', () => {
  it('may give and take every role', () => {
    const context = { actor: ADMIN };
    for (const categoria of ROLES) {
      const holder = given(user, userRegistered({ categoria }));
      expect(holder.when(editUser, editOf(socia, { categoria: 'socio' }), context)).to.have.lengthOf(1);
      const socio = given(user, userRegistered());
      expect(socio.when(editUser, editOf(socia, { categoria }), context)).to.have.lengthOf(1);
      expect(holder.when(removeUser, { dni: socia.dni }, context)).to.have.lengthOf(1);
    }
  });
});
