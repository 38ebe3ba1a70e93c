import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { describeIssue } from '../../src/presentation/issueTexts.ts';
import { COMMAND_LINE, HTTP } from '../../src/imports/reasons/door.ts';
import { HINT_CODES } from '../../src/imports/reasons/hintTexts.ts';
import { FILE_REASONS, LINE_REASONS, reasonText } from '../../src/imports/reasons/reasonTexts.ts';

const errorsPage = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');

describe('A reason why a list or a line is refused', () => {
  it('names options as flags on the command line, as parameters over HTTP', () => {
    const texts = (code: string, details = {}): string[] =>
      [COMMAND_LINE, HTTP].map((door) => reasonText({ code, ...details }, door));
    expect(texts('kind-of-columns')).to.deep.equal([
      'the columns may be those of users or of personas: say --kind users or --kind personas',
      'the columns may be those of users or of personas: say kind=users or kind=personas',
    ]);
    expect(texts('columns-missing', { members: ['dni', 'email'] })).to.deep.equal([
      'columns are missing: dni, email. If it is there under another name, say --map "that name=dni"',
      'columns are missing: dni, email. If it is there under another name, say map=that name=dni',
    ]);
    expect(texts('json-as-csv')[1]).to.contain('say Content-Type: application/x-ndjson');
    expect(texts('type', { member: 'cuota', wanted: 'number', hint: 'decimal-comma-or-group' })[1]).to.equal(
      'cuota must be a number: decimals have a comma, as in 12,5; the parameter decimal says otherwise, and decides where a number can be read in two ways',
    );
  });

  it('never speaks of flags over HTTP', () => {
    const details = { member: 'dni', members: ['dni'], columns: ['A'], line: 2, wanted: 3 };
    const reasons = [
      ...[...FILE_REASONS, ...LINE_REASONS].map((code) => ({ code, ...details })),
      ...HINT_CODES.map((hint) => ({ code: 'unusable', member: 'dni', hint })),
    ];
    for (const one of reasons) {
      const text = reasonText(one, HTTP);
      expect(text, JSON.stringify(one)).not.to.match(/--|undefined|\bis not valid\b|: $/);
    }
  });

  it('is a rule that a member breaks, in the words of the API, where the catalogue does not have its code', () => {
    const issue = { path: '/cuota', member: 'cuota', rule: 'minimum', wanted: 0 };
    expect(reasonText({ code: 'minimum', member: 'cuota', wanted: 0 }, HTTP)).to.equal(describeIssue(issue));
    for (const code of [...FILE_REASONS, ...LINE_REASONS])
      expect(describeIssue({ path: '', member: 'x', rule: code }), code).to.equal('x is not valid');
  });

  it('is in docs/reference/errors.md, as are the hints', () => {
    for (const code of [...FILE_REASONS, ...LINE_REASONS, ...HINT_CODES])
      expect(errorsPage).to.contain(`\`${code}\``);
  });

  it('names its line where the line is not that of the report', () => {
    expect(reasonText({ code: 'quote-open', line: 3 }, COMMAND_LINE)).to.match(/^line 3 has a quote/);
  });
});
