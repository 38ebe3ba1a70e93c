import { expect } from 'chai';
import {
  completed,
  editableMembers,
  memberNamesWhere,
  membersWhere,
  PERSONA_MEMBERS,
  USER_MEMBERS,
  viewVersionOf,
} from '../../src/domain/members.ts';
import { expectShape } from '../../src/events/catalogue.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { users } from '../../src/projections/views/users.ts';

/** The members of each view's documents, by version: a member that joins needs a new line here, and so a new version. */
const VIEWS: Record<string, string[]> = {
  'personas@3': ['id', 'nombres', 'apellidos', 'telefono', 'dni', 'foto_url', 'cuenta', 'created_at'],
  'users@3': [
    ...['IdUsuario', 'nombre', 'apellidos', 'password', 'dni', 'direccion', 'CP', 'provincia', 'poblacion'],
    ...['pais', 'email', 'telefono', 'fechaalta', 'fechabaja', 'formadepago', 'cuota', 'categoria', 'socio'],
    ...['isVerified', 'verificationCode', 'verificationExpires'],
  ],
};

describe('The members of records', () => {
  it('stay the same while the version of their view does', () => {
    const present = {
      [`personas@${personas.version}`]: membersWhere(PERSONA_MEMBERS),
      [`users@${users.version}`]: membersWhere(USER_MEMBERS),
    };
    expect(present).to.deep.equal(VIEWS);
  });

  it('raise the version of their view when one is added', () => {
    const movil = { ...PERSONA_MEMBERS.telefono, since: 4 };
    expect(viewVersionOf({ ...PERSONA_MEMBERS, movil })).to.equal(4);
  });

  it('never appear in a log or a history if they are credentials', () => {
    expect([...memberNamesWhere(({ secret }) => secret)]).to.deep.equal(['password', 'verificationCode']);
    const open = memberNamesWhere(
      ({ secret, redacted, shown }) => secret && (!redacted || shown === 'always'),
    );
    expect([...open]).to.deep.equal([]);
  });

  it('are not changed by an edit if they identify or admit the user', () => {
    expect(editableMembers(USER_MEMBERS)).not.to.include.members([
      'IdUsuario',
      'dni',
      'password',
      'isVerified',
    ]);
  });

  it('become a record with the defaults for members that an import line omits', () => {
    const line = {
      id: 5,
      nombres: 'Ana',
      apellidos: 'Gil',
      dni: '1',
      created_at: '2024-03-01T08:00:00.000Z',
    };
    const record = completed(PERSONA_MEMBERS, line);
    expect(record).to.deep.equal({ ...line, telefono: null, foto_url: null, cuenta: null });
    expect(Object.keys(record)).to.deep.equal(membersWhere(PERSONA_MEMBERS));
    expect(() => {
      expectShape('PersonaRegistered', record);
    }).not.to.throw();
  });
});
