import { expect } from 'chai';
import { detailWords } from '../../src/console/texts/detailWords.ts';
import { en } from '../../src/console/texts/en/texts.ts';
import { es } from '../../src/console/texts/es/texts.ts';
import { describeIssue, describeIssueInSpanish, ISSUE_RULES } from '../../src/presentation/issueTexts.ts';

describe('The console says in its own language', () => {
  const wantedOf = (rule: string): unknown =>
    ({ enum: ['a', 'b'], type: 'string', alone: 'revision', 'not-before': 'from' })[rule] ?? 3;

  it('which rule of the API a request breaks, whichever language the API said it in', () => {
    for (const rule of ISSUE_RULES) {
      const issue = { path: 'at', member: 'at', rule, wanted: wantedOf(rule) };
      const said = [describeIssue(issue), `at ${describeIssueInSpanish(issue)}`];
      for (const text of said.filter((one) => !one.includes('no es válido'))) {
        expect(detailWords(text, en), text)
          .to.be.a('string')
          .that.does.not.match(/[áéíóúñ«]|\bdebe\b/);
        expect(detailWords(text, es), text)
          .to.be.a('string')
          .that.does.not.match(/\b(must|is|the|not)\b/);
      }
    }
  });

  it('what was asked, as the screen calls it', () => {
    const inSpanish = (text: string): string | null => detailWords(text, es);
    expect(inSpanish('at must not lie in the future; a date means the end of that day')).to.match(
      /^A fecha de: no puede estar en el futuro/,
    );
    expect(inSpanish('to must not be before from')).to.equal('Hasta es anterior a Desde');
    expect(inSpanish('email must be an email')).to.equal('Correo debe ser una dirección de correo');
    expect(detailWords('dni ya está en uso', en)).to.equal('DNI is already in use');
  });

  it('nothing of its own about what it does not know', () => {
    expect(detailWords('something else went wrong', es)).to.equal(null);
    expect(detailWords('', es)).to.equal(null);
  });
});
