import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../docs/adr/', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const decisions = readdirSync(FOLDER).filter((file) => /^\d{4}-/.test(file));

describe('The decisions in docs/adr', () => {
  for (const file of decisions) {
    it(`have a number, a date, a status, context, decision and consequences: ${file}`, () => {
      const text = textOf(file);
      expect(text).to.match(
        new RegExp(
          `^# ${file.slice(0, 4)}: .+\n\n- Date: \\d{4}-\\d\\d-\\d\\d\n- Status: (accepted|superseded)`,
        ),
      );
      const parts = [...text.matchAll(/^## (.+)$/gm)].map(([, part]) => part);
      expect(parts.slice(0, 3)).to.deep.equal(['Context', 'Decision', 'Consequences']);
    });
  }

  it('are all in the table of docs/adr/README.md under their titles', () => {
    const rows = decisions.map((file) => {
      const title = textOf(file)
        .split('\n', 1)[0]
        ?.replace(/^# \d{4}: /, '');
      return `| ${Number(file.slice(0, 4))} | [${title}](${file}) |`;
    });
    const table = textOf('README.md').split('\n');
    expect(rows.filter((row) => !table.some((line) => line.startsWith(row)))).to.deep.equal([]);
  });
});
