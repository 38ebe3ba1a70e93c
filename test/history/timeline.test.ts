import { expect } from 'chai';
import { entryLines } from '../../src/cli/output/timeline.ts';
import { entryOf } from '../../src/projections/views/history.ts';
import { aPerson, recorded } from './support/people.ts';

const edit = (changes: object, more = {}): string[] =>
  entryLines(entryOf(recorded({ type: 'UserEdited', data: { changes } }, more))!, { colour: false });

describe('A printed timeline', () => {
  it('shows when, what, who, why, and each change', () => {
    const changes = { cuota: { from: 25, to: 30 }, fechabaja: { from: null, to: '2024-05-01' } };
    expect(edit(changes, { metadata: { reason: 'a mistake' } })).to.deep.equal([
      "2024-03-01T08:00:00.000Z  The user's cuota and fechabaja were changed.",
      '  user-15@0  UserEdited by ada (admin)',
      '  because: a mistake',
      '  cuota      - 25  + 30',
      '  fechabaja  - null  + "2024-05-01"',
    ]);
  });

  it('shows no earlier value in a first entry', () => {
    const lines = entryLines(entryOf(recorded({ type: 'PersonaRegistered', data: aPerson }))!, {
      colour: false,
    });
    expect(lines).to.include('  nombres     + "Ana"').and.to.include('  telefono    + null');
  });

  it('shows earlier values in red and later ones in green if there are colours', () => {
    const entry = entryOf(
      recorded({ type: 'UserEdited', data: { changes: { cuota: { from: 1, to: 2 } } } }),
    )!;
    expect(entryLines(entry, { colour: true }).at(-1)).to.equal(
      '  cuota  \u001b[31m- 1\u001b[0m  \u001b[32m+ 2\u001b[0m',
    );
  });

  it('escapes texts that would control the terminal', () => {
    const [, who, , change] = edit(
      { direccion: { from: 'a', to: '\u001b[2J\u202Eevil' } },
      { metadata: { actor: { account: 'x\r\n\u0007', role: 'admin' }, reason: '\u009b31m' } },
    );
    expect(who).to.contain('x\\u000d\\u000a\\u0007');
    expect(change).to.contain('"\\u001b[2J\\u202eevil"');
  });
});
