import { expect } from 'chai';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, type CliRun } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { memberList, asNdjson } from '../support/memberList.ts';

describe('Files that a command writes', () => {
  let folder: string;
  let umask: number;
  beforeEach(() => {
    folder = newFolder();
    // As open as it can be: the commands inherit it.
    umask = process.umask(0);
  });
  afterEach(() => {
    process.umask(umask);
    removeFolder(folder);
  });

  const padron = (...args: string[]): Promise<CliRun> => runCli(args, { DATA_DIR: join(folder, 'data') });

  it('can be read by their user only, whatever the umask: data, error reports, copies, keys', async () => {
    const list = join(folder, 'list.ndjson');
    writeFileSync(list, `${asNdjson(memberList(2))}{"dni":"x"}\n`, { mode: 0o600 });
    expect((await padron('import', list, '--errors', join(folder, 'errors.txt'))).code).to.equal(1);
    expect((await padron('copy', '--to', join(folder, 'copy'))).code).to.equal(0);
    expect((await padron('keys', 'copy', '--to', join(folder, 'keys'))).code).to.equal(0);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const names = files.map(({ name }) => name);
    expect(names).to.include.members(['events.db', 'errors.txt', 'keys.db']);
    for (const { name, parentPath } of files)
      expect((statSync(join(parentPath, name)).mode & 0o777).toString(8), name).to.equal('600');
  });
});
