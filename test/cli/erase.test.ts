import { expect } from 'chai';
import type { Certificate } from '../../src/erasure/certificate.ts';
import { embedded, onServers, type Installation } from '../erasure/support/installation.ts';
import { runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong, someOf } from '../support/long.ts';
import { memberList } from '../support/memberList.ts';
import { describeOnMongo } from '../support/mongodb.ts';
import { startServer } from '../support/serverProcess.ts';
import { tokenOf } from '../support/tokens.ts';

const REASON = 'Request of 12 March, file 2026/81';
const members = memberList(2);
const dniOf = (index: number): string => String(members[index]?.['dni']);

function describeErase(open: () => Promise<Installation>): () => void {
  return function (this: Mocha.Suite): void {
    this.timeout(120_000);
    let installation: Installation;
    const erase = (subject: string, options: string[], input = '') =>
      installation.run(['erase', subject, '--reason', REASON, ...options], input);

    before(async () => {
      installation = await open();
      await installation.importUsers(members);
    });
    after(() => installation.remove());

    it('erases without a server, once the DNI was typed, and proves it', async () => {
      const { code, stdout, stderr } = await erase(
        '1',
        ['--json', '--actor', 'dpo'],
        `${dniOf(0).toLowerCase()}\n`,
      );
      expect(code, stderr).to.equal(0);
      const { erasure, erasedAt, keys, ...rest } = JSON.parse(stdout) as Certificate;
      expect(rest).to.deep.equal({
        subject: 'user-1',
        by: { account: 'dpo', role: 'system' },
        reason: REASON,
        verified: { events: true, views: true, keyStore: true },
      });
      const again = await erase('user-1', []);
      expect(again).to.include({ code: 0, stderr: '' });
      for (const shown of [erasure, erasedAt, 'dpo (system)', REASON, ...keys])
        expect(again.stdout).to.include(shown);
      const verified = await installation.run(['verify']);
      expect(verified, verified.stdout + verified.stderr).to.include({ code: 0 });
      expect(await installation.run(['export', 'user-1'])).to.include({
        code: 1,
        stderr: 'padron: user-1 was erased\n',
      });
      expect(await erase(dniOf(0), ['--yes'])).to.include({
        code: 1,
        stderr: 'padron: no such person or user\n',
      });
    });

    itLong(
      'erases beside a server, which shows the person no longer within 5 s, and lists the certificate',
      async () => {
        const server = await startServer(
          installation.environment()['DATA_DIR'] ?? '',
          installation.environment(),
        );
        try {
          const get = (path: string) =>
            fetch(server.url + path, { headers: { authorization: `Bearer ${tokenOf('admin')}` } });
          expect((await get(`/users/${dniOf(1)}`)).status).to.equal(200);
          const { code, stdout, stderr } = await erase(dniOf(1), ['--yes', '--json']);
          expect(code, stderr).to.equal(0);
          await eventually(
            'the server knows',
            async () => (await get('/users/user-2/history')).status === 410,
            5_000,
          );
          expect((await get(`/users/${dniOf(1)}`)).status).to.equal(404);
          const listed = (await (await get('/admin/erasures')).json()) as { erasures: Certificate[] };
          expect(listed.erasures.at(-1)).to.deep.equal(JSON.parse(stdout));
          const printed = await installation.run(['erasures', '--json']);
          expect(JSON.parse(printed.stdout)).to.deep.equal(listed);
        } finally {
          server.process.kill('SIGTERM');
          await server.ended;
        }
      },
    );

    itLong('lists who was erased since an instant', async () => {
      const since = async (instant: string): Promise<string[]> => {
        const { stdout } = await installation.run(['erasures', '--since', instant]);
        return [...stdout.matchAll(/(user-\d+) +yes/g)].map(([, subject = '']) => subject);
      };
      const { stdout } = await installation.run(['erasures', '--json']);
      const { erasures } = JSON.parse(stdout) as { erasures: Certificate[] };
      expect(await since(String(erasures[1]?.erasedAt))).to.deep.equal(['user-2']);
      expect(await since(String(erasures[0]?.erasedAt))).to.deep.equal(['user-1', 'user-2']);
      expect(await installation.run(['erasures', '--since', 'yesterday'])).to.include({ code: 2 });
    });
  };
}

describe('padron erase and padron erasures on embedded stores', describeErase(embedded));
describeOnMongo('padron erase and padron erasures on EventStoreDB and MongoDB', describeErase(onServers));

describe('padron erase, refused', function () {
  this.timeout(60_000);
  let installation: Installation;
  const run: Installation['run'] = (...args) => installation.run(...args);

  before(async () => {
    installation = await embedded();
    await installation.importUsers(members);
  });
  after(() => installation.remove());

  it('erases nobody without the DNI of the person, or for a reason that names the person', async () => {
    for (const typed of someOf(2, [`${dniOf(1)}\n`, '', '\n', '1\n'])) {
      const { code, stdout, stderr } = await run(['erase', 'user-1', '--reason', REASON], typed);
      expect({ code, stdout }, JSON.stringify(typed)).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.include('All personal data of user-1 will be erased for good.');
      expect(stderr).to.match(/padron: (not confirmed, nothing was erased|nothing was erased: confirm must)/);
    }
    const named = await run(['erase', 'user-1', '--yes', '--reason', `of ${dniOf(0)}`]);
    expect(named).to.include({ code: 2 });
    expect(named.stderr)
      .to.match(/^padron: nothing was erased: reason/)
      .and.not.include(dniOf(0));
    expect(await run(['erasures'])).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'padron: nobody was erased\n',
    });
  });

  it('needs a reason and an actor that are not empty (exit code 2)', async () => {
    expect(await run(['erase', 'user-1'])).to.include({ code: 2 });
    expect(await run(['erase', 'user-1', '--reason', REASON, '--actor', ''])).to.include({
      code: 2,
      stderr: 'padron: --actor should not be empty\n',
    });
  });

  it('names what seals a log without sealing (exit code 2)', async () => {
    const environment = { DATA_DIR: newFolder(), SEALING: 'off' };
    const line = `${JSON.stringify(members[0])}\n`;
    expect(await runCli(['import', '-', '--kind', 'users'], environment, line)).to.include({ code: 0 });
    const { code, stderr } = await runCli(['erase', 'user-1', '--reason', REASON, '--yes'], environment);
    expect(code).to.equal(2);
    expect(stderr).to.include('npx padron copy --seal --to');
    removeFolder(environment.DATA_DIR);
  });
});
