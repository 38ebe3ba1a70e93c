import { expect } from 'chai';
import { describeCellFault, fromCells, kindOf, recordOf } from '../../src/cli/import/importRecords.ts';
import { socia } from '../support/decisions.ts';

const personaLine = {
  id: 5,
  nombres: 'María',
  apellidos: 'González',
  dni: '12345678',
  created_at: '2024-03-01T09:00:00+01:00',
};

const faultsOf = (read: ReturnType<typeof recordOf>): string[] =>
  'faults' in read ? read.faults.map(({ member, rule }) => `${member} ${rule}`) : [];

describe('A line of an import', () => {
  it('has an id from 1 to 999,999,999,999: there is room for the ids that follow it', () => {
    const withId = (id: unknown) => faultsOf(recordOf('personas', { ...personaLine, id }));
    expect(withId(999_999_999_999)).to.deep.equal([]);
    expect(withId(1_000_000_000_000)).to.deep.equal(['id maximum']);
    expect(withId(Number.MAX_SAFE_INTEGER)).to.deep.equal(['id maximum']);
    expect(withId(0)).to.deep.equal(['id minimum']);
    const { IdUsuario } = { IdUsuario: 1_000_000_000_000 };
    expect(faultsOf(recordOf('users', { ...socia, IdUsuario }))).to.deep.equal(['IdUsuario maximum']);
  });

  it('is a person: what is left out is null, the instant is told in UTC', () => {
    expect(recordOf('personas', personaLine)).to.deep.equal({
      record: {
        kind: 'persona',
        record: {
          ...personaLine,
          telefono: null,
          foto_url: null,
          cuenta: null,
          created_at: '2024-03-01T08:00:00.000Z',
        },
      },
    });
  });

  it('is a user: verified and without a code unless it says otherwise', () => {
    const { isVerified: _v, verificationCode: _c, verificationExpires: _e, fechabaja: _f, ...line } = socia;
    expect(recordOf('users', { ...line, socio: 1 })).to.deep.equal({
      record: { kind: 'user', record: socia },
    });
  });

  it('has a hash for a password, never a clear text', () => {
    expect(faultsOf(recordOf('users', { ...socia, password: 'secret123' }))).to.deep.equal([
      'password bcrypt-hash',
    ]);
  });

  it('follows the rules of a registration: dates in order, cuenta without outer white space', () => {
    expect(faultsOf(recordOf('users', { ...socia, fechabaja: '2020-01-01' }))).to.deep.equal([
      'fechabaja not-before',
    ]);
    expect(faultsOf(recordOf('personas', { ...personaLine, cuenta: ' maria' }))).to.deep.equal([
      'cuenta untrimmed',
    ]);
  });

  it('has an instant that exists: a leap second is told, not thrown', () => {
    const line = { ...personaLine, created_at: '2016-12-31T23:59:60Z' };
    expect(faultsOf(recordOf('personas', line))).to.deep.equal(['created_at date-time']);
  });

  it('is told all its faults', () => {
    const faults = faultsOf(recordOf('personas', { id: 0, nombres: '', apellidos: 'X', dni: '.' }));
    expect(faults.sort()).to.deep.equal([
      'created_at required',
      'dni dni',
      'id minimum',
      'nombres minLength',
    ]);
  });

  it('tells by its members what it is', () => {
    expect(kindOf(['IdUsuario', 'nombre'])).to.equal('users');
    expect(kindOf(['id', 'nombres'])).to.equal('personas');
    expect(kindOf(['a', 'b'])).to.equal(null);
  });

  it('comes out of CSV cells with numbers, booleans and nulls', () => {
    const cells = {
      IdUsuario: '15',
      cuota: '25.50',
      socio: '1',
      fechabaja: '',
      isVerified: 'FALSE',
      dni: ' 045 ',
    };
    expect(fromCells('users', cells)).to.deep.equal({
      IdUsuario: 15,
      cuota: 25.5,
      socio: 1,
      fechabaja: null,
      isVerified: false,
      dni: '045',
    });
  });

  it('takes an empty boolean cell for left out: a user is verified then', () => {
    const cells = Object.fromEntries(
      Object.entries(socia).map(([member, value]) => [member, String(value ?? '')]),
    );
    const read = recordOf('users', fromCells('users', { ...cells, isVerified: ' ' }));
    expect(read).to.deep.equal({ record: { kind: 'user', record: { ...socia, isVerified: true } } });
  });

  it('is told how CSV writes decimals and booleans', () => {
    const line = { ...socia, ...fromCells('users', { cuota: '12,5', isVerified: 'sí', nombre: '' }) };
    const read = recordOf('users', line);
    expect('faults' in read && read.faults.map(describeCellFault).sort()).to.deep.equal([
      'cuota must be a number: use a decimal point, as in 12.5',
      'isVerified must be a boolean: true, false, 1 or 0',
      'nombre should not be empty',
    ]);
  });
});
