import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { BOOKKEEPING_EVENTS, HISTORY_EVENTS, writtenVersion } from '../../src/events/catalogue.ts';
import { errorAnswer } from '../../src/http/errors/errorAnswer.ts';
import { REQUEST_ERRORS, RequestError, type RequestErrorCode } from '../../src/http/errors/errors.ts';
import { describeIssue, describeIssueInSpanish } from '../../src/presentation/issueTexts.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** The cells of the tables below a heading, without their head. */
function rowsOf(page: string, heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '));
}

const unquoted = (cell = ''): string => cell.replaceAll('`', '');

describe('docs/reference/errors.md', () => {
  const page = read('docs/reference/errors.md');

  it('lists every code with its status and both texts, and no others', () => {
    const coded = (Object.keys(REQUEST_ERRORS) as RequestErrorCode[]).map((code) => {
      const messageIn = (dialect: 'personas' | 'users'): string => {
        const style = { dialect, failureMessage: '(of the route)', unknownUser: 404 } as const;
        const { message } = errorAnswer(new RequestError(code), style).body as { message: string | string[] };
        return [message].flat().join(', ');
      };
      return [`\`${code}\``, String(REQUEST_ERRORS[code]), messageIn('personas'), messageIn('users')];
    });
    expect(rowsOf(page, 'Codes')).to.deep.equal(coded);
  });

  it('lists the texts of each rule', () => {
    const rows = rowsOf(page, 'Rules');
    expect(rows).to.have.length.above(20);
    for (const [rule, english, spanish] of rows) {
      const issue = { path: '/member', member: 'member', rule: unquoted(rule), wanted: '…' };
      expect([describeIssue(issue), describeIssueInSpanish(issue)], rule).to.deep.equal([english, spanish]);
    }
  });
});

describe('docs/reference/events.md', () => {
  const page = read('docs/reference/events.md');
  const rows = [...rowsOf(page, 'Events of persons and users'), ...rowsOf(page, 'Bookkeeping events')];
  const samples = ['events', 'bookkeeping'].flatMap((folder) => {
    const files = new URL(`test/fixtures/${folder}/`, ROOT);
    return readdirSync(files).map(
      (file) => JSON.parse(readFileSync(new URL(file, files), 'utf8')) as { stored: Stored },
    );
  });
  interface Stored {
    type: string;
    data: object;
    metadata: { schemaVersion: number };
  }

  it('lists every event type, and no others', () => {
    const types = new Set([...Object.keys(HISTORY_EVENTS), ...Object.keys(BOOKKEEPING_EVENTS)]);
    expect(rows.map(([type]) => unquoted(type)).sort()).to.deep.equal([...types].sort());
  });

  it('gives the written version and the members of each sample', () => {
    for (const [type, version, members = ''] of rows) {
      const name = unquoted(type) as Parameters<typeof writtenVersion>[0];
      expect(Number(version), name).to.equal(writtenVersion(name));
      const sample = samples.find(
        ({ stored }) => stored.type === name && stored.metadata.schemaVersion === Number(version),
      );
      const shown = [...members.matchAll(/`(\w+)`/g)].map(([, member]) => member);
      expect(shown, name).to.have.members(Object.keys(sample?.stored.data ?? {}));
    }
  });
});

describe('docs/reference/metrics.md', () => {
  it("lists every metric of padron's with its type, and no others", () => {
    const recorded = [...read('test/fixtures/outside/metrics.txt').matchAll(/^# TYPE (padron_\w+) (\w+)$/gm)];
    const shown = [...read('docs/reference/metrics.md').matchAll(/^\| `(padron_\w+)` \| (\w+) \|/gm)];
    const pairs = (found: RegExpExecArray[]): string[] => found.map(([, name, type]) => `${name} ${type}`);
    expect(pairs(shown).sort()).to.deep.equal(pairs(recorded).sort());
  });
});

describe('docs/reference/cli.md', () => {
  const page = read('docs/reference/cli.md');
  const folder = 'test/fixtures/outside/help/';
  for (const file of readdirSync(new URL(folder, ROOT))) {
    const command = file.replace('.txt', '');
    it(`lists the options and subcommands of ${command}, and no others`, () => {
      const section = page.split(`\n## ${command}\n`)[1]?.split('\n## ')[0] ?? '';
      const help = read(`${folder}${file}`);
      const options = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option);
      const shown = new Set([...section.matchAll(/`(--[\w-]+)`/g)].map(([, option]) => option));
      const subcommands = [...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}(\w+) /gm)]
        .map(([, name]) => name)
        .filter((name) => name !== 'help');
      expect([...shown]).to.include.members(options);
      // The options of subcommands are in their table.
      if (subcommands.length === 0) expect([...shown]).to.have.length(options.length);
      const listed = subcommands.length > 0 ? rowsOf(page, command) : [];
      expect(listed.map(([name]) => unquoted(name).split(' ')[0])).to.deep.equal(subcommands);
    });
  }
});
