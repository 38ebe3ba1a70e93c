import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, startCli, urlOf, type CliRun, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';
import { itLong, someOf } from '../support/long.ts';
import { SOCIA } from '../support/people.ts';

describe('docs/how-to/answer-an-audit-question.md', function () {
  this.timeout(60_000);
  let folder: string;
  let server: RunningCli;
  let environment: Record<string, string>;
  let url: string;

  const padron = (...args: string[]): Promise<CliRun> => runCli(args, environment);
  const tokenOf = async (account: string, role: string): Promise<string> =>
    (await padron('token', '--sub', account, '--role', role)).stdout.trim();

  before(async () => {
    folder = newFolder();
    environment = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'error' };
    server = startCli(['serve'], environment);
    url = await urlOf(server);
    const edited = await fetch(`${url}/users/edit`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenOf('tesorera', 'monitor')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...SOCIA, cuota: 40 }),
    });
    expect(edited.status).to.equal(200);
    const authorization = `Bearer ${await tokenOf('revisora', 'admin')}`;
    await eventually('another account sees the edit', async () => {
      const asked = await fetch(`${url}/audit?actor=tesorera`, { headers: { authorization } });
      return ((await asked.json()) as { entries?: unknown[] }).entries?.length === 1;
    });
  });

  after(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    removeFolder(folder);
  });

  itLong('has commands that do what the page says', async () => {
    const { printed, err } = await howTo('answer-an-audit-question').run(folder, {
      ...environment,
      URL: url,
    });
    expect(err).to.equal('');
    const [, asked, ofAccount, was, , reverted, diff] = printed;
    const [edit] = (JSON.parse(asked!) as { entries: unknown[] }).entries;
    expect(edit).to.deep.include({
      actor: { account: 'tesorera', role: 'monitor' },
      changes: [{ field: 'cuota', before: 25, after: 40 }],
    });
    expect((JSON.parse(ofAccount!) as { entries: unknown[] }).entries).to.deep.equal([edit]);
    expect(was)
      .to.contain('"cuota":25')
      .and.to.contain('"cuota":40')
      .and.to.contain('"before":25,"after":40');
    expect(JSON.parse(reverted!)).to.include({ cuota: 25 });
    expect(diff).to.contain('because: The fee was raised by mistake').and.to.contain('- 40  + 25');
    const csv = readFileSync(join(folder, 'fees.csv'), 'utf8');
    expect(csv).to.contain(',tesorera,monitor,').and.to.contain(',cuota,25,40\r\n');
    expect(csv, 'the whole registration').to.contain(',email,');
    const fees = readFileSync(join(folder, 'fees.ndjson'), 'utf8').trimEnd().split('\n');
    expect(fees, 'the registration and three edits').to.have.lengthOf(4);
  });

  describe('padron history', () => {
    const history = (...args: string[]): Promise<CliRun> => padron('history', ...args);

    it('prints the same entries as JSON as the server does', async () => {
      const answer = await fetch(`${url}/users/45678912C/history?field=cuota&limit=2`, {
        headers: { authorization: `Bearer ${await tokenOf('a', 'admin')}` },
      });
      const { entries } = (await answer.json()) as { entries: unknown[] };
      const { code, stdout } = await history('45678912C', '--field', 'cuota', '--limit', '2', '--json');
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.deep.equal({ entries, next: null });
    });

    it('has different exit codes for invalid arguments and an unknown subject', async () => {
      const calls: [string[], number, RegExp][] = [
        [['nobody'], 1, /^padron: no such person or user\n$/],
        [['5', '--limit', 'many'], 2, /--limit must be a whole number/],
        [['user-15', '--at', '2020-01-01'], 1, /^padron: it was not registered yet at that time\n$/],
        [['5', '--limit', '0'], 2, /--limit/],
        [
          ['5', '--at', 'today'],
          2,
          /^padron: --at must be a date such as 2026-01-01 or an RFC 3339 instant such as 2026-01-01T12:00:00Z\n$/,
        ],
        [['5', '--at', '2999-01-01'], 2, /must not lie in the future/],
        [[], 2, /^padron: name a person or user, or say --correlation\n$/],
        [['user-15', '--at', '2020-01-01T00:00:00Z'], 1, /not registered yet/],
      ];
      for (const [call, code, told] of someOf(3, calls)) {
        const run = await history(...call);
        expect(run.code, call.join(' ')).to.equal(code);
        expect(run.stderr).to.match(told);
      }
    });

    it('accepts any limit, even beyond a page of the API', async () => {
      const { code, stdout } = await history('user-15', '--limit', '1001', '--json');
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.deep.equal(JSON.parse((await history('user-15', '--json')).stdout));
    });

    it('prints an event that changed a member in full', async () => {
      const { stdout } = await history('user-15', '--field', 'cuota', '--order', 'asc', '--json');
      const [registered] = (JSON.parse(stdout) as { entries: { changes: { field: string }[] }[] }).entries;
      expect(registered?.changes.map(({ field }) => field)).to.include.members(['cuota', 'email']);
      expect((await history('--help')).stdout).to.contain('only events that changed this member');
    });

    it('prints no colours outside a terminal', async () => {
      expect((await history('persona-5')).stdout)
        .to.contain('+ "María"')
        .and.not.to.contain('\u001b');
    });
  });
});
