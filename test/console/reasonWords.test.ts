import { expect } from 'chai';
import * as en from '../../src/console/texts/en/reasons.ts';
import * as es from '../../src/console/texts/es/reasons.ts';
import { HINT_CODES } from '../../src/imports/reasons/hintTexts.ts';
import { FILE_REASONS, LINE_REASONS } from '../../src/imports/reasons/reasonTexts.ts';
import { memberSchemas } from '../../src/imports/records/lineSchemas.ts';
import { checkLine } from '../../src/imports/records/lineSchemas.ts';

const details = { member: 'dni', wanted: '3', members: 'dni', columns: 'A', line: '2' };

/** The rules that lines break: with each member of a wrong type, form, length or size, or missing. */
function rules(): string[] {
  const found = new Set<string>();
  for (const kind of ['users', 'personas'] as const) {
    const members = Object.keys(memberSchemas(kind));
    for (const value of ['', 'x'.repeat(3_000), '\u0000', ' x ', -1, 1e300, {}, 'x', undefined]) {
      const line = Object.fromEntries(members.map((member) => [member, value]));
      const checked = checkLine(kind, line, { isWhole: true });
      if ('issues' in checked) for (const { rule } of checked.issues) found.add(rule);
    }
  }
  return [...found];
}

describe('The words of the console for a refused list', () => {
  for (const [language, words] of Object.entries({ en, es })) {
    it(`are there for every reason, every rule and every hint (${language})`, () => {
      expect(rules()).to.include.members(['required', 'type', 'email', 'date', 'minimum', 'maxLength']);
      for (const code of [...FILE_REASONS, ...LINE_REASONS, ...rules()]) {
        if (code === 'additionalProperties' || code === 'bcrypt-hash') continue;
        expect(words.reasons[code]?.(details), code).to.be.a('string').and.not.to.contain('undefined');
      }
      for (const code of HINT_CODES) expect(words.hints[code], code).to.be.a('string');
    });
  }

  it('are Spanish in Spanish', () => {
    const same = Object.keys(en.reasons).filter(
      (code) => en.reasons[code]?.(details) === es.reasons[code]?.(details),
    );
    expect(same).to.deep.equal([]);
  });
});
