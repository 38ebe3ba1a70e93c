import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { kindOf, memberSchemas } from '../../src/imports/records/lineSchemas.ts';
import { COMMAND_LINE } from '../../src/imports/reasons/door.ts';
import { reasonText } from '../../src/imports/reasons/reasonTexts.ts';
import { recordOf } from '../../src/imports/records/importRecords.ts';
import { socia } from '../support/decisions.ts';

const personaLine = {
  id: 5,
  nombres: 'María',
  apellidos: 'González',
  dni: '12345678',
  created_at: '2024-03-01T09:00:00+01:00',
};

const problemsOf = (read: ReturnType<typeof recordOf>): string[] =>
  'reasons' in read ? read.reasons.map((one) => reasonText(one, COMMAND_LINE)) : [];

describe('A line of an import', () => {
  it('is checked by valid schemas, which no start of padron checks', () => {
    const ajv = new Ajv2020({ strict: false });
    for (const kind of ['users', 'personas'] as const)
      expect(ajv.validateSchema({ type: 'object', properties: memberSchemas(kind) }), kind).to.equal(true);
    expect(ajv.validateSchema({ type: 'object', properties: { dni: { type: 'words' } } })).to.equal(false);
  });

  it('has an id from 1 to 999,999,999,999, which leaves room for later ids', () => {
    const withId = (id: unknown) => problemsOf(recordOf('personas', { ...personaLine, id }));
    expect(withId(999_999_999_999)).to.deep.equal([]);
    expect(withId(1_000_000_000_000)).to.deep.equal(['id must not be greater than 999999999999']);
    expect(withId(Number.MAX_SAFE_INTEGER)).to.deep.equal(['id must not be greater than 999999999999']);
    expect(withId(0)).to.deep.equal(['id must not be less than 1']);
    const { IdUsuario } = { IdUsuario: 1_000_000_000_000 };
    expect(problemsOf(recordOf('users', { ...socia, IdUsuario }))).to.deep.equal([
      'IdUsuario must not be greater than 999999999999',
    ]);
  });

  it('becomes a person: omitted members are null, the instant is in UTC', () => {
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

  it('becomes a user, verified and without a code unless it says otherwise', () => {
    const { isVerified: _v, verificationCode: _c, verificationExpires: _e, fechabaja: _f, ...line } = socia;
    expect(recordOf('users', { ...line, socio: 1 })).to.deep.equal({
      record: { kind: 'user', record: socia },
    });
  });

  it('has a hash as its password, never clear text', () => {
    expect(problemsOf(recordOf('users', { ...socia, password: 'secret123' }))).to.deep.equal([
      'password is not valid',
    ]);
  });

  it('follows the rules of a registration: dates in order, cuenta without surrounding white space', () => {
    expect(problemsOf(recordOf('users', { ...socia, fechabaja: '2020-01-01' }))).to.deep.equal([
      'fechabaja must not be before fechaalta',
    ]);
    expect(problemsOf(recordOf('personas', { ...personaLine, cuenta: ' maria' }))).to.deep.equal([
      'cuenta must not begin or end with white space',
    ]);
  });

  it('needs its own fechaalta if it has a fechabaja, which today would be after', () => {
    const { fechaalta: _, ...line } = socia;
    expect(problemsOf(recordOf('users', { ...line, fechabaja: '2020-01-01' }))).to.deep.equal([
      'fechaalta is required',
    ]);
    expect(problemsOf(recordOf('users', { ...line, fechaalta: '', fechabaja: null }))).to.deep.equal([]);
    expect(
      problemsOf(recordOf('users', { ...line, fechaalta: 'soon', fechabaja: '2020-01-01' })),
    ).to.have.length(1);
  });

  it('has an instant that exists: a leap second is an error of the line', () => {
    const line = { ...personaLine, created_at: '2016-12-31T23:59:60Z' };
    expect(problemsOf(recordOf('personas', line))).to.deep.equal([
      'created_at must be an RFC 3339 instant such as 2024-03-01T08:00:00Z',
    ]);
  });

  it('is refused with all its errors', () => {
    const problems = problemsOf(recordOf('personas', { id: 0, nombres: '', apellidos: 'X', dni: '.' }));
    expect(problems.sort()).to.deep.equal([
      'dni should not be empty',
      'id must not be less than 1',
      'nombres should not be empty',
    ]);
  });

  it('shows by its members whether it is a user or a person', () => {
    expect(kindOf(['IdUsuario', 'nombre'])).to.equal('users');
    expect(kindOf(['id', 'nombres'])).to.equal('personas');
    expect(kindOf(['a', 'b'])).to.equal(null);
  });

  it('may lack an id, a hash and the registration date: the importer supplies them', () => {
    const { IdUsuario: _i, password: _p, fechaalta: _f, ...user } = socia;
    expect(recordOf('users', { ...user, password: '', fechaalta: '' })).to.deep.equal({
      record: { kind: 'user', record: { ...socia, IdUsuario: null, password: null, fechaalta: null } },
    });
    const { id: _, created_at: _c, ...person } = personaLine;
    expect(recordOf('personas', person))
      .to.have.nested.property('record.record')
      .that.includes({ id: null, created_at: null });
  });

  it('may not have other members, which are reported without their names', () => {
    expect(problemsOf(recordOf('personas', { ...personaLine, $2b$12$secret: 1, other: 2 }))).to.deep.equal([
      'has members that padron does not know',
    ]);
  });

  it('is refused for a cell that a spreadsheet has damaged, even if the text would be valid', () => {
    const read = recordOf(
      'personas',
      { ...personaLine, telefono: '#N/A' },
      { telefono: 'spreadsheet-error' },
    );
    expect(problemsOf(read)).to.deep.equal(['telefono cannot be used: the cell holds an error']);
  });
});
