import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import { registerUser } from '../../src/commands/registerUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { user } from '../../src/commands/user.ts';
import { ADMIN, given, MONITOR, socia, userRegistered } from '../support/decisions.ts';
import { editOf, HASH, userBody } from '../support/people.ts';

const ADMIN_SPELLINGS = ['admin', 'Admin', ' ADMIN ', 'administrador', 'Administrador'];
const forbidden = { code: 'forbidden' };

describe('A monitor and the administrators', () => {
  for (const categoria of ADMIN_SPELLINGS) {
    const admin = given(user, userRegistered({ categoria }));

    it(`may not register a user of categoria «${categoria}»`, () => {
      const body = userBody({ categoria, password: HASH });
      expect(given(user).when(registerUser, body, { actor: MONITOR })).to.deep.equal(forbidden);
    });

    it(`may not make a user one of categoria «${categoria}»`, () => {
      const promotion = editOf(socia, { categoria });
      const socio = given(user, userRegistered());
      expect(socio.when(editUser, promotion, { actor: MONITOR })).to.deep.equal(forbidden);
    });

    it(`may not edit or demote a user of categoria «${categoria}»`, () => {
      const newMail = editOf({ ...socia, categoria }, { email: 'miguel@example.com' });
      expect(admin.when(editUser, newMail, { actor: MONITOR })).to.deep.equal(forbidden);
      const demotion = editOf(socia, { categoria: 'socio' });
      expect(admin.when(editUser, demotion, { actor: MONITOR })).to.deep.equal(forbidden);
    });

    it(`may not remove a user of categoria «${categoria}»`, () => {
      expect(admin.when(removeUser, { dni: socia.dni }, { actor: MONITOR })).to.deep.equal(forbidden);
    });
  }

  it('may register, edit and remove everybody else, other monitors too', () => {
    const context = { actor: MONITOR };
    const register = given(user).when(
      registerUser,
      userBody({ categoria: 'monitor', password: HASH }),
      context,
    );
    expect(register).to.be.an('array').with.lengthOf(1);
    const socio = given(user, userRegistered());
    expect(socio.when(editUser, editOf(socia, { categoria: 'monitor' }), context)).to.have.lengthOf(1);
    expect(socio.when(removeUser, { dni: socia.dni }, context)).to.have.lengthOf(1);
  });

  it('is no rule for an admin', () => {
    const admin = given(user, userRegistered({ categoria: 'admin' }));
    const context = { actor: ADMIN };
    expect(admin.when(editUser, editOf(socia, { categoria: 'socio' }), context)).to.have.lengthOf(1);
    expect(admin.when(removeUser, { dni: socia.dni }, context)).to.have.lengthOf(1);
  });
});
