import { createSecretKey, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  BrokenSealError,
  dataKeyFrom,
  keyIdIn,
  newDataKey,
  open,
  seal,
  type SealedPlace,
} from '../../src/sealing/envelope.ts';
import { masterKey, masterKeyFrom, unwrap, wrap, type MasterKey } from '../../src/sealing/masterKeys.ts';

const PLACE: SealedPlace = { stream: 'persona-5', id: '0192f0c0-0000-7000-8000-000000000001', type: 'A' };
const randomMaster = (): MasterKey => masterKey(createSecretKey(randomBytes(32)));

describe('A sealed text', () => {
  it('opens to the original text, whatever that is', () => {
    const key = newDataKey('persona-5');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wellFormed = text.toWellFormed();
        expect(open(key, PLACE, seal(key, PLACE, wellFormed))).to.equal(wellFormed);
      }),
    );
  });

  it('names its key, and contains nothing of the original', () => {
    const key = newDataKey('persona-5');
    const sealed = seal(key, PLACE, '{"dni":"12345678Z"}');
    expect(keyIdIn(sealed)).to.equal(key.id);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.to.include('1234');
  });

  it('opens as the first release sealed it', () => {
    const key = dataKeyFrom('persona-5', Buffer.alloc(32, 7));
    expect(key.id).to.equal('SNKjxqb3aIP-97dn6z3T2I');
    const sealed =
      'v1.SNKjxqb3aIP-97dn6z3T2I.oA5gG1n7_FyRz6ZPLrzn4Tl4HEIB4gMePw_C25SSZHXWsAHe70526a2dFC0Gg0nJg4g';
    expect(open(key, PLACE, sealed)).to.equal('{"dni":"12345678Z ñ"}');
  });

  it('does not open with characters between that base64url does not have', () => {
    const key = newDataKey('persona-5');
    const sealed = seal(key, PLACE, 'some text');
    expect(() => open(key, PLACE, `${sealed.slice(0, 40)}.${sealed.slice(40)}`)).to.throw(BrokenSealError);
    expect(() => open(key, PLACE, `${sealed}\n`)).to.throw(BrokenSealError);
  });

  it('never has the same initialisation vector twice, however many keys are made in between', () => {
    const key = newDataKey('persona-5');
    const vectors = Array.from({ length: 5_000 }, (_, n) => {
      if (n % 3 === 0) newDataKey('persona-6');
      return (seal(key, PLACE, 'same').split('.')[2] ?? '').slice(0, 16);
    });
    expect(new Set(vectors).size).to.equal(vectors.length);
  });

  it('does not open as the text of another stream, event or type, or with another key', () => {
    const key = newDataKey('persona-5');
    const sealed = seal(key, PLACE, 'text');
    for (const other of [{ stream: 'persona-6' }, { id: PLACE.id.replace('1', '2') }, { type: 'B' }]) {
      expect(() => open(key, { ...PLACE, ...other }, sealed)).to.throw(BrokenSealError);
    }
    const stranger = newDataKey('persona-5');
    expect(() => open(stranger, PLACE, sealed)).to.throw(BrokenSealError);
    expect(() => open({ ...stranger, id: key.id }, PLACE, sealed)).to.throw(BrokenSealError);
  });

  it('does not open if any character was changed', () => {
    const key = newDataKey('persona-5');
    const sealed = seal(key, PLACE, 'some text');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'b', '7', '.'), (at, letter) => {
        // The last character carries bits that base64url leaves out.
        fc.pre(sealed[at] !== letter && at < sealed.length - 1);
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        expect(() => open(key, PLACE, changed)).to.throw(BrokenSealError);
      }),
    );
  });
});

describe('A key of a person', () => {
  it('is never made twice, and is not left in the memory that it was drawn from', () => {
    const keys = Array.from({ length: 1_000 }, () => newDataKey('user-1'));
    expect(new Set(keys.map(({ key }) => key.export().toString('hex'))).size).to.equal(keys.length);
    expect(new Set(keys.map(({ id }) => id)).size).to.equal(keys.length);
    const bytes = randomBytes(32);
    const expected = Buffer.from(bytes);
    const { key } = dataKeyFrom('user-1', bytes);
    expect(key.export().equals(expected)).to.equal(true);
    expect(bytes.equals(Buffer.alloc(32))).to.equal(true);
  });
});

describe('A wrapped key', () => {
  it('opens as the first release wrapped it', () => {
    const masters = { present: masterKey(createSecretKey(Buffer.alloc(32, 9))), previous: null };
    const row = {
      subject: 'persona-5',
      keyId: 'SNKjxqb3aIP-97dn6z3T2I',
      wrapped: 'BQYe1kZkLkuikhwkE45ihMFGbaUdrMtVMfPne3y0YUsKzPtFcUzCX54AIwalC27L-5QfqFt6PoD3L32q',
      master: 'A79TwCmUz8AaQ8aNkWbdgb',
    };
    expect(unwrap(masters, row)?.key.export().equals(Buffer.alloc(32, 7))).to.equal(true);
  });

  it('opens with its master key before, during and after a rotation', () => {
    const [old, next] = [randomMaster(), randomMaster()];
    const key = newDataKey('user-1');
    const row = wrap(old, key);
    expect(unwrap({ present: old, previous: null }, row)?.id).to.equal(key.id);
    const rotated = wrap(next, unwrap({ present: next, previous: old }, row) ?? key);
    expect(unwrap({ present: next, previous: null }, rotated)?.key.equals(key.key)).to.equal(true);
    expect(unwrap({ present: next, previous: null }, row)).to.equal(null);
    expect(unwrap({ present: old, previous: null }, rotated)).to.equal(null);
  });

  it('does not open as the key of another subject, or under the id of another key', () => {
    const master = randomMaster();
    const masters = { present: master, previous: null };
    const row = wrap(master, newDataKey('user-1'));
    expect(unwrap(masters, { ...row, subject: 'user-2' })).to.equal(null);
    expect(unwrap(masters, { ...row, keyId: newDataKey('user-1').id })).to.equal(null);
    expect(unwrap(masters, row)).to.not.equal(null);
  });

  it('is distinguished by its fingerprint from a key of another master key; the fingerprint reveals neither', () => {
    const master = randomMaster();
    expect(master.fingerprint).not.to.equal(randomMaster().fingerprint);
    expect(master.key.export().toString('base64url')).not.to.include(master.fingerprint.slice(0, 8));
  });
});

describe('The text of a master key', () => {
  it('is 32 bytes in base64, and nothing else', () => {
    const text = randomBytes(32).toString('base64');
    expect(masterKeyFrom(text)?.key.export().toString('base64')).to.equal(text);
    for (const wrong of [
      '',
      'secret',
      randomBytes(31).toString('base64'),
      `${text} `,
      `${text}\n`,
      text.slice(1),
    ]) {
      expect(masterKeyFrom(wrong), wrong).to.equal(null);
    }
  });
});
