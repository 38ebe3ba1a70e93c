import { expect } from 'chai';
import { decideErasure } from '../../src/erasure/decideErasure.ts';
import { maria, socia } from '../support/decisions.ts';

const reason = 'Request of 12 March, file 2026/81';
const faultsOf = (outcome: ReturnType<typeof decideErasure>): string[] =>
  typeof outcome === 'object' && 'faults' in outcome
    ? outcome.faults.map(({ path, rule }) => `${path} ${rule}`)
    : [];

describe('The decision to erase a person', () => {
  it('is taken where confirm repeats the present DNI, in any spelling', () => {
    expect(decideErasure({ reason, confirm: maria.dni }, [maria])).to.equal('erase');
    expect(decideErasure({ reason, confirm: ' 45.678.912 c' }, [socia])).to.equal('erase');
  });

  it('is not taken where confirm is another DNI', () => {
    expect(faultsOf(decideErasure({ reason, confirm: '1' }, [maria]))).to.deep.equal(['/confirm confirm']);
  });

  it('is a rejection (not-found) if the subject was never registered', () => {
    expect(decideErasure({ reason, confirm: '1' }, [])).to.deep.equal({ code: 'not-found' });
  });

  for (const [what, text] of [
    ['the DNI', `erase ${maria.dni.slice(0, 4)}.${maria.dni.slice(4)}`],
    ['two words of the name', 'María GONZALEZ asked for it'],
    ['the telephone number', 'called from 12 34 56 78 90'],
  ] as const) {
    it(`is a rejection if the reason contains ${what}`, () => {
      expect(faultsOf(decideErasure({ reason: text, confirm: maria.dni }, [maria]))).to.deep.equal([
        '/reason personal',
      ]);
    });
  }

  it('is a rejection if the reason contains the e-mail address', () => {
    const outcome = decideErasure({ reason: `mail of ${socia.email.toUpperCase()}`, confirm: socia.dni }, [
      socia,
    ]);
    expect(faultsOf(outcome)).to.deep.equal(['/reason personal']);
  });

  for (const [nombres, apellidos, text] of [
    ['Ana', 'Gil', 'Baja de Ana Gil'],
    ['Eva', 'de la Paz', 'Solicitud de EVA PAZ'],
    ['Wei', 'Li', 'carta de Li, Wei'],
    ['Begoña', '', 'Begoña lo pidió'],
    ['Łukasz', 'Oʼneill', "Request of Lukasz O'Neill"],
  ] as const) {
    it(`is a rejection if the reason names a person with a short name (${nombres} ${apellidos})`, () => {
      const named = { ...maria, nombres, apellidos };
      expect(faultsOf(decideErasure({ reason: text, confirm: maria.dni }, [named]))).to.deep.equal([
        '/reason personal',
      ]);
    });
  }

  it('is a rejection if the typed name of who decided it is the person itself', () => {
    const wish = { reason, confirm: maria.dni, by: `${maria.nombres} ${maria.apellidos}` };
    expect(faultsOf(decideErasure(wish, [maria]))).to.deep.equal(['/actor personal']);
    expect(decideErasure({ ...wish, by: 'dpo' }, [maria])).to.equal('erase');
  });

  it('is a rejection if the reason contains what the record had before an edit', () => {
    const former = { ...maria, dni: '87654321X', nombres: 'Olga', apellidos: 'Ruiz', telefono: '600111222' };
    for (const text of ['baja de 87654321-X', 'Olga Ruiz lo pidió', 'llamada de 600 111 222']) {
      const outcome = decideErasure({ reason: text, confirm: maria.dni }, [former, maria]);
      expect(faultsOf(outcome), text).to.deep.equal(['/reason personal']);
    }
    const earlier = decideErasure({ reason, confirm: former.dni }, [former, maria]);
    expect(faultsOf(earlier)).to.deep.equal(['/confirm confirm']);
  });

  it('is taken again with the certified reason, whatever a reason may contain by now', () => {
    const wish = { reason: `erase ${maria.dni}`, confirm: null, id: 'an erasure before a restore' };
    expect(decideErasure(wish, [maria])).to.equal('erase');
  });

  it('is a rejection if the reason contains an account that is an e-mail address', () => {
    const linked = { ...maria, cuenta: 'mg@example.com' };
    const wish = { reason: 'mail of MG@example.com', confirm: maria.dni };
    expect(faultsOf(decideErasure(wish, [linked]))).to.deep.equal(['/reason personal']);
  });

  it('accepts a reason with the small words of a name', () => {
    const named = { ...maria, nombres: 'Eva', apellidos: 'de la Paz y del Valle' };
    const text = 'solicitud de la persona, y del representante';
    expect(decideErasure({ reason: text, confirm: maria.dni }, [named])).to.equal('erase');
  });

  for (const telefono of [null, '', '2026', '12 34 5']) {
    it(`accepts a reason with figures if the telephone number is ${JSON.stringify(telefono)}, too short to be recognised`, () => {
      const wish = { reason: 'File 2026/12345', confirm: maria.dni };
      expect(decideErasure(wish, [{ ...maria, telefono }])).to.equal('erase');
    });
  }

  it('is a rejection if the reason contains a telephone number of six digits', () => {
    const outcome = decideErasure({ reason: 'called from 123 456', confirm: maria.dni }, [
      { ...maria, telefono: '12-34-56' },
    ]);
    expect(faultsOf(outcome)).to.deep.equal(['/reason personal']);
  });

  it('accepts any reason if the name is only small words', () => {
    const named = { ...maria, nombres: 'La', apellidos: '' };
    expect(decideErasure({ reason: 'solicitud de la persona', confirm: maria.dni }, [named])).to.equal(
      'erase',
    );
  });

  it('accepts a reason with one word of a name, which may be an ordinary word', () => {
    const named = { ...maria, nombres: 'Ana', apellidos: 'Baja Alta' };
    expect(decideErasure({ reason: 'solicitud de baja', confirm: maria.dni }, [named])).to.equal('erase');
  });
});
