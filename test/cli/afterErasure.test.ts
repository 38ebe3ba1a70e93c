import { expect } from 'chai';
import { join } from 'node:path';
import { embedded, type Installation } from '../erasure/support/installation.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { isLong, itLong } from '../support/long.ts';
import { asNdjson, memberList } from '../support/memberList.ts';

const members = memberList(3);
const ERASED = { code: 1, stderr: 'padron: user-1 was erased\n' };

describe('The commands after an erasure', function () {
  this.timeout(120_000);
  let folder: string;
  let installation: Installation;
  const run: Installation['run'] = (...args) => installation.run(...args);
  /** The same commands over a copy. */
  const inCopy = (...args: string[]): Promise<CliRun> =>
    runCli(args, { ...installation.environment(), DATA_DIR: join(folder, 'copy') });
  async function copyAll(): Promise<void> {
    for (const command of [['copy'], ['keys', 'copy']]) {
      const copied = await run([...command, '--to', join(folder, 'copy')]);
      expect(copied, copied.stderr).to.include({ code: 0 });
    }
  }

  before(async () => {
    folder = newFolder();
    installation = await embedded();
    await installation.importUsers(members);
    if (isLong) await copyAll();
    const erased = await run(['erase', 'user-1', '--reason', 'Request 81', '--yes']);
    expect(erased, erased.stderr).to.include({ code: 0 });
  });
  after(async () => {
    await installation.remove();
    removeFolder(folder);
  });

  for (const [what, options, problem] of [
    ['an import', [], 'this person was erased, and is not imported again'],
    ['a dry run', ['--dry-run'], 'this person was erased, and is not imported again'],
    ['an import with --update', ['--update'], 'this person was erased, and is not imported again'],
  ] as const) {
    it(`${what} of the same list does not bring the person back`, async () => {
      const list = asNdjson(members);
      const { code, stdout, stderr } = await run(['import', '-', '--kind', 'users', ...options], list);
      expect({ code, stderr }).to.deep.equal({ code: 1, stderr: `line 1: ${problem}\n` });
      expect(stdout).to.match(/^3 lines: 0 /);
      expect(await run(['export', 'user-1'])).to.include(ERASED);
    });
  }

  it('roll, history and verify go on without the person', async () => {
    const { stdout } = await run(['roll', '--format', 'csv']);
    expect(
      stdout
        .trim()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).to.deep.equal(['2', '3']);
    const history = await run(['history', 'user-1']);
    expect(history.stdout).to.include('All that was stored of this subject was erased.');
    for (const text of [members[0]?.['nombre'], members[0]?.['email'], members[0]?.['dni']])
      expect(history.stdout).not.to.include(String(text));
    const verified = await run(['verify']);
    expect(verified, verified.stdout + verified.stderr).to.include({ code: 0 });
  });

  itLong(
    'copy goes on with a copy from before, and the person is erased there, whatever keys it has',
    async () => {
      expect(await inCopy('export', 'user-1')).to.include({ code: 0 });
      const copied = await run(['copy', '--to', join(folder, 'copy')]);
      expect(copied, copied.stderr).to.include({ code: 0 });
      expect(await inCopy('export', 'user-1')).to.include(ERASED);
      expect((await inCopy('keys', 'check')).stdout).to.equal(
        '3 keys, 1 erased, 0 not needed by any event\n',
      );
      expect(await inCopy('erasures', '--json')).to.deep.equal(await run(['erasures', '--json']));
      const verified = await inCopy('verify');
      expect(verified, verified.stdout + verified.stderr).to.include({ code: 0 });
    },
  );

  itLong('keys copy takes the tombstone along, and rotate leaves it as it is', async () => {
    await copyAll();
    expect((await inCopy('keys', 'check')).stdout).to.equal('3 keys, 1 erased, 0 not needed by any event\n');
    const { MASTER_KEY = '' } = installation.environment();
    const next = Buffer.alloc(32, 7).toString('base64');
    const both = { ...installation.environment(), DATA_DIR: join(folder, 'copy'), MASTER_KEY: next };
    const rotated = await runCli(['keys', 'rotate'], { ...both, MASTER_KEY_PREVIOUS: MASTER_KEY });
    expect(rotated.stdout).to.equal('3 keys are wrapped by MASTER_KEY now\n');
    expect(await runCli(['export', 'user-1'], both)).to.include(ERASED);
    expect(await runCli(['export', 'user-2'], both)).to.include({ code: 0 });
  });
});
