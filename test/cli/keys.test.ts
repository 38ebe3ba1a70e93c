import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCli, type CliRun } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong } from '../support/long.ts';
import { memberList } from '../support/memberList.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const members = memberList(3);
const ndjson = (list: readonly object[]): string => list.map((one) => `${JSON.stringify(one)}\n`).join('');

describe('Sealing on the command line', function () {
  this.timeout(60_000);
  let folder: string;
  let DATA_DIR: string;
  const run = (args: string[], environment: Record<string, string> = {}, input = ''): Promise<CliRun> =>
    runCli(args, { DATA_DIR, ...environment }, input);
  const importMembers = (environment: Record<string, string> = {}): Promise<CliRun> =>
    run(['import', '-', '--kind', 'users'], environment, ndjson(members));

  beforeEach(() => {
    folder = newFolder();
    DATA_DIR = join(folder, 'data');
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('leaves no personal data of an imported person in clear text in any file of the log and the keys', async () => {
    expect(await importMembers()).to.include({ code: 0 });
    const [member] = members as unknown as [{ dni: string; email: string; password: string }];
    for (const name of readdirSync(DATA_DIR)) {
      const path = join(DATA_DIR, name);
      if (name === 'views') continue;
      const bytes = readFileSync(path, 'latin1');
      for (const text of [member.dni, member.email, member.password])
        expect(bytes, name).not.to.include(text);
    }
    expect((await run(['history', `user-1`])).stdout).to.include('The user was registered.');
    expect((await run(['doctor'])).stdout).to.include('ok    keys: the key store answers');
  });

  it('stores in the clear with SEALING=off, and keeps to that', async () => {
    expect(await importMembers({ SEALING: 'off' })).to.include({ code: 0 });
    expect(existsSync(join(DATA_DIR, 'keys.db'))).to.equal(false);
    expect(await importMembers()).to.include({ code: 0 });
    const { code, stderr } = await importMembers({ SEALING: 'on' });
    expect(code).to.equal(2);
    expect(stderr).to.include(
      'set SEALING=off, or seal a copy of it with «npx padron copy --seal --to FOLDER»',
    );
  });

  it('refuses a sealed log with SEALING=off, with another master key, and without the key store', async () => {
    await importMembers({ MASTER_KEY: newKey() });
    expect((await importMembers({ SEALING: 'off' })).code).to.equal(2);
    const other = await importMembers({ MASTER_KEY: newKey() });
    expect(other).to.include({ code: 2 });
    expect(other.stderr).to.include('MASTER_KEY is not the key');
    expect((await run(['doctor'], { MASTER_KEY: newKey() })).code).to.equal(1);
    rmSync(join(DATA_DIR, 'keys.db'));
    expect((await importMembers({ MASTER_KEY: newKey() })).code).to.equal(2);
  });

  it('creates no other key if the one of development mode is missing or damaged', async () => {
    await importMembers();
    const key = join(DATA_DIR, 'master-key');
    copyFileSync(key, join(folder, 'saved'));
    rmSync(key);
    expect(await importMembers()).to.include({ code: 2 });
    expect(existsSync(key)).to.equal(false);
    writeFileSync(key, 'short');
    expect((await importMembers()).stderr).to.include('put it back from its backup');
    copyFileSync(join(folder, 'saved'), key);
    expect((await importMembers()).stdout).to.include('3 were already there');
  });

  itLong('rotates the master key: only the new one opens everything afterwards', async () => {
    const [old, next] = [newKey(), newKey()];
    await importMembers({ MASTER_KEY: old });
    const both = { MASTER_KEY: next, MASTER_KEY_PREVIOUS: old };
    expect((await run(['keys', 'check'], both)).stdout).to.include(
      'are still wrapped by MASTER_KEY_PREVIOUS',
    );
    // The keys of three members and that of the log.
    expect((await run(['keys', 'rotate'], both)).stdout).to.include('4 keys are wrapped by MASTER_KEY now');
    expect((await run(['keys', 'rotate'], both)).stdout).to.include('0 keys');
    expect((await run(['history', 'user-2'], { MASTER_KEY: next })).stdout).to.include('registered');
    expect(await importMembers({ MASTER_KEY: old })).to.include({ code: 2 });
    const { code, stdout } = await run(['keys', 'check'], { MASTER_KEY: next });
    expect(code).to.equal(0);
    expect(stdout).to.equal('4 keys, 0 erased, 0 not needed by any event\n');
  });

  itLong('copies keys to another folder, where they open the same people', async () => {
    const MASTER_KEY = newKey();
    await importMembers({ MASTER_KEY });
    const to = join(folder, 'copy');
    expect((await run(['copy', '--to', to], { MASTER_KEY })).code).to.equal(0);
    expect((await run(['history', 'user-1'], { DATA_DIR: to, MASTER_KEY })).code).to.equal(2);
    const odd = await run(['keys', 'copy', '--to', join(to, 'events.db', 'x')], { MASTER_KEY });
    expect(odd.code).to.equal(2);
    expect(odd.stderr).to.match(/^padron: --to \S+ cannot be created: \S+ is not a folder\n$/);
    expect((await run(['keys', 'copy', '--to', to], { MASTER_KEY })).stdout).to.equal(
      '4 keys and tombstones are there\n',
    );
    const moved = await run(['history', 'user-1'], { DATA_DIR: to, MASTER_KEY });
    expect(moved.stdout).to.include('The user was registered.');
  });

  itLong(
    'names the people whose keys are missing in an older key store, and does not let anyone take their place',
    async () => {
      const MASTER_KEY = newKey();
      await run(['import', '-', '--kind', 'users'], { MASTER_KEY }, ndjson(members.slice(0, 1)));
      copyFileSync(join(DATA_DIR, 'keys.db'), join(folder, 'older.db'));
      await importMembers({ MASTER_KEY });
      copyFileSync(join(folder, 'older.db'), join(DATA_DIR, 'keys.db'));
      const { code, stdout } = await run(['keys', 'check'], { MASTER_KEY });
      expect(code).to.equal(1);
      expect(stdout).to.match(/2 missing: user-2, user-3/);
      const [, second] = members as unknown as [unknown, { IdUsuario: number }];
      const again = [{ ...second, IdUsuario: 77 }];
      const taken = await run(['import', '-', '--kind', 'users'], { MASTER_KEY }, ndjson(again));
      expect(taken.code).to.equal(1);
      expect(taken.stderr + taken.stdout).to.include('missing from the key store');
    },
  );
});
