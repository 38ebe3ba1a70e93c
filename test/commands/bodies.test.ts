import { expect } from 'chai';
import { editUserSchema } from '../../src/commands/editUser.ts';
import { registerPersonaSchema } from '../../src/commands/registerPersona.ts';
import { registerUserSchema } from '../../src/commands/registerUser.ts';
import { bodyCheck, type JsonSchema } from '../../src/validation/schema.ts';
import { updatePersonaProfileSchema } from '../../src/commands/updatePersonaProfile.ts';
import { editBody, personaBody, userBody } from '../support/people.ts';

/** `member rule` of each thing that is wrong with a body, in no order. */
function faultsIn(schema: JsonSchema, body: unknown): string[] {
  const checked = bodyCheck(schema)(body);
  return 'faults' in checked ? checked.faults.map(({ member, rule }) => `${member} ${rule}`).sort() : [];
}

const inProfile = (member: string, value: unknown): string[] =>
  faultsIn(updatePersonaProfileSchema, { [member]: value });
const inEdit = (changes: object): string[] => faultsIn(editUserSchema, { ...editBody(), ...changes });
const inPassword = (password: unknown): string[] => faultsIn(registerUserSchema, { ...userBody(), password });
const inCuenta = (cuenta: unknown): string[] => faultsIn(registerPersonaSchema, { ...personaBody(), cuenta });

describe('A command’s body', () => {
  it('is refused with all its errors at once', () => {
    const { nombre: _, ...body } = editBody({ email: 'nobody', cuota: -1, fechaalta: '2024-02-30' });
    expect(faultsIn(editUserSchema, { ...body, socio: 2, password: 'x', telefono: 7 })).to.deep.equal([
      'cuota minimum',
      'email email',
      'fechaalta date',
      'nombre required',
      'password additionalProperties',
      'socio enum',
      'telefono type',
    ]);
  });

  it('must be an object', () => {
    for (const body of [null, [], 'text', 1, true]) {
      expect(faultsIn(updatePersonaProfileSchema, body)).to.deep.equal([' type']);
    }
  });

  it('has its strings trimmed', () => {
    const checked = bodyCheck(updatePersonaProfileSchema)({ nombres: '  María  José\u00a0' });
    expect(checked).to.deep.equal({ body: { nombres: 'María  José' } });
  });

  it('has a text of invisible characters only counted as empty, and others kept as sent', () => {
    for (const name of ['\u200b', ' \u200d\ufeff ', '\u00ad\u2060']) {
      expect(inProfile('nombres', name)).to.deep.equal(['nombres minLength']);
      expect(inEdit({ nombre: name })).to.deep.equal(['nombre minLength']);
    }
    const checked = bodyCheck(updatePersonaProfileSchema)({ nombres: 'Ma\u200dría', telefono: '\u200b' });
    expect(checked).to.deep.equal({ body: { nombres: 'Ma\u200dría', telefono: '' } });
  });

  it('is refused in time proportional to its size when it has thousands of blank members', function () {
    this.timeout(5_000); // some 20 ms; 20 s where each member copies the others
    const body = Object.fromEntries(Array.from({ length: 6_300 }, (_, index) => [index.toString(36), ' ']));
    expect(faultsIn(updatePersonaProfileSchema, body)).to.include('0 additionalProperties');
  });

  it('is refused without normalising a DNI that consists of stacked accents', function () {
    this.timeout(5_000); // some 20 ms; over a second each where they are put in order
    const dni = `a${'\u0301\u0323'.repeat(15_000)}`;
    for (let times = 0; times < 10; times += 1) {
      expect(inProfile('dni', dni)).to.deep.equal(['dni maxLength']);
    }
  });

  it('is refused with at most 100 reported errors', () => {
    const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`m${index}`, 1]));
    expect(faultsIn(updatePersonaProfileSchema, body)).to.have.lengthOf(100);
  });

  it('keeps a member named __proto__, so that it is refused by name', () => {
    const body: unknown = JSON.parse('{"__proto__":" x ","nombres":" Ana "}');
    expect(faultsIn(updatePersonaProfileSchema, body)).to.deep.equal(['__proto__ additionalProperties']);
  });

  it('must have a finite number as its fee', () => {
    const { cuota } = JSON.parse('{"cuota":1e999}') as { cuota: number };
    expect(inEdit({ cuota })).to.deep.equal(['cuota type']);
  });

  it('is measured in code points after trimming', () => {
    expect(inProfile('nombres', `  ${'😀'.repeat(200)}  `)).to.deep.equal([]);
    expect(inProfile('nombres', '😀'.repeat(201))).to.deep.equal(['nombres maxLength']);
    expect(inProfile('foto_url', `https://example.com/${'a'.repeat(1_980)}`)).to.deep.equal([]);
    expect(inProfile('foto_url', `https://example.com/${'a'.repeat(1_981)}`)).to.deep.equal([
      'foto_url maxLength',
    ]);
  });

  it('must not have a blank name, DNI, e-mail or category; other texts may be empty', () => {
    for (const blank of ['', '   ', '\u3000']) {
      expect(inProfile('nombres', blank)).to.deep.equal(['nombres minLength']);
      expect(inProfile('apellidos', blank)).to.deep.equal(['apellidos minLength']);
      expect(inProfile('dni', blank)).to.deep.equal(['dni dni']);
      expect(inEdit({ nombre: blank, categoria: blank })).to.deep.equal([
        'categoria minLength',
        'nombre minLength',
      ]);
      expect(inEdit({ email: blank })).to.include('email minLength');
      expect(inEdit({ apellidos: blank, direccion: blank, telefono: blank })).to.deep.equal([]);
    }
  });

  it('must have a DNI that is not empty in normal form', () => {
    expect(inProfile('dni', '.-. -')).to.deep.equal(['dni dni']);
  });

  it('may clear only phone and photo with null', () => {
    expect(inProfile('telefono', null)).to.deep.equal([]);
    expect(inProfile('foto_url', null)).to.deep.equal([]);
    for (const member of ['nombres', 'apellidos', 'dni']) {
      expect(inProfile(member, null)).to.deep.equal([`${member} type`]);
    }
  });

  for (const control of ['\u0000', '\n', '\t', '\u001b', '\u007f', '\u0085', '\u009f']) {
    it(`must not contain the control character ${JSON.stringify(control)}, even at either end`, () => {
      expect(inProfile('nombres', `Ma${control}ría`)).to.deep.equal(['nombres plain-text']);
      expect(inProfile('telefono', `600${control}`)).to.deep.equal(['telefono plain-text']);
      expect(inProfile('dni', `${control}123`)).to.deep.equal(['dni plain-text']);
      expect(inEdit({ fechaalta: `2024-03-15${control}` })).to.deep.equal(['fechaalta date']);
      expect(inPassword(`password${control}`)).to.deep.equal(['password plain-text']);
    });
  }

  it('must not contain unpaired surrogates', () => {
    expect(inProfile('nombres', 'Mar\ud83da')).to.deep.equal(['nombres plain-text']);
    expect(inProfile('dni', '\udc00123')).to.deep.equal(['dni plain-text']);
    expect(inEdit({ direccion: 'Calle \ud800' })).to.deep.equal(['direccion plain-text']);
  });

  it('must name a photo by an http or https URL', () => {
    for (const url of ['http://example.com', 'HTTPS://example.com/a.jpg?x=1#y', 'https://[::1]:8080/ñ']) {
      expect(inProfile('foto_url', url)).to.deep.equal([]);
    }
    for (const url of [
      '',
      'example.com/a',
      'ftp://example.com',
      'javascript:alert(1)',
      'http://',
      'https://a b/',
    ]) {
      expect(inProfile('foto_url', url)).to.deep.equal(['foto_url http-url']);
    }
  });

  it('must have a well-formed e-mail address in ASCII', () => {
    for (const email of [' Maria.R+padron@sub.example.com ', 'info@xn--mnchen-3ya.de'])
      expect(inEdit({ email })).to.deep.equal([]);
    const beyond = ['maría@example.com', 'info@münchen.de'];
    for (const email of [
      'maria',
      'maria@',
      '@example.com',
      'a b@example.com',
      'maria@example..com',
      ...beyond,
    ]) {
      expect(inEdit({ email })).to.deep.equal(['email email']);
    }
  });

  it('must have dates that exist', () => {
    expect(inEdit({ fechaalta: '2024-02-29', fechabaja: '2025-12-31' })).to.deep.equal([]);
    for (const date of [
      '2023-02-29',
      '2024-13-01',
      '2024-00-10',
      '24-03-15',
      '15/03/2024',
      '2024-03-15T00:00:00Z',
      '',
    ]) {
      expect(inEdit({ fechaalta: date })).to.deep.equal(['fechaalta date']);
      expect(inEdit({ fechabaja: date })).to.deep.equal(['fechabaja date']);
    }
  });

  it('must not have a negative fee', () => {
    for (const cuota of [0, -0, 0.01, 1e300]) expect(inEdit({ cuota })).to.deep.equal([]);
    for (const cuota of [-0.01, -1e300]) expect(inEdit({ cuota })).to.deep.equal(['cuota minimum']);
    for (const cuota of ['30', null, Infinity, NaN, true]) {
      expect(inEdit({ cuota })).to.deep.equal(['cuota type']);
    }
  });

  it('must give tipo as Socio, NoSocio, 1 or 0', () => {
    for (const socio of ['Socio', ' NoSocio ', 1, 0, -0]) expect(inEdit({ socio })).to.deep.equal([]);
    for (const socio of ['socio', '1', 2, true, null])
      expect(inEdit({ socio })).to.deep.equal(['socio enum']);
  });

  it('links an account exactly as given: surrounding white space is refused, not trimmed', () => {
    expect(inCuenta('ana maría')).to.deep.equal([]);
    for (const cuenta of [' ana', 'ana ', 'ana\u00a0'])
      expect(inCuenta(cuenta)).to.deep.equal(['cuenta untrimmed']);
  });

  it('must have a password of 8 to 72 bytes, which is used as given', () => {
    for (const password of ['        ', 'ñ'.repeat(36), 'x'.repeat(72)])
      expect(inPassword(password)).to.deep.equal([]);
    expect(inPassword('x'.repeat(7))).to.deep.equal(['password x-minBytes']);
    expect(inPassword('ñ'.repeat(37))).to.deep.equal(['password x-maxBytes']);
  });

  it('has its schema compiled at the first check: no command waits at its start for what it may not check', () => {
    const check = bodyCheck({ type: 'object', noKeyword: true });
    expect(() => check({})).to.throw('noKeyword');
  });

  it('must not have unknown members, whatever their names', () => {
    for (const member of ['__proto__', 'constructor', 'toString', 'id', '$where']) {
      const body = JSON.parse(`{"nombres":"Ana","${member}":{"nombres":"Eva"}}`) as unknown;
      expect(faultsIn(updatePersonaProfileSchema, body)).to.deep.equal([`${member} additionalProperties`]);
    }
  });

  it('is refused with 100 of thousands of unknown members, and its known members are still checked', () => {
    let checked: object = {};
    const check = bodyCheck<{ nombres: string }>(updatePersonaProfileSchema, (body) => {
      checked = body;
      return [];
    });
    const unknown = Array.from({ length: 5_000 }, (_, n): [string, string] => [`m${n}`, ' ']);
    const result = check(Object.fromEntries([...unknown, ['nombres', ' Ana ']]));
    expect('faults' in result && result.faults.length).to.equal(100);
    expect(checked).to.deep.equal({ nombres: 'Ana' });
  });
});
