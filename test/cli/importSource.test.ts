import { expect } from 'chai';
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { refuseToOverwrite } from '../../src/cli/import/importSource.ts';
import { CliError, EXIT } from '../../src/cli/output/exit.ts';

describe('The input file of padron import', () => {
  let folder: string;
  let dataDir: string;
  let members: string;
  const text = asNdjson(memberList(3));
  beforeEach(() => {
    folder = newFolder();
    dataDir = join(folder, 'data');
    members = join(folder, 'members.ndjson');
    writeFileSync(members, text);
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('must not be the error report as well: exit code 2, and the file stays unchanged', async () => {
    const { code, stdout, stderr } = await runCli(['import', members, '--errors', members], {
      DATA_DIR: dataDir,
    });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.equal(`padron: --errors ${members} is the input file: name another one\n`);
    expect(readFileSync(members, 'utf8')).to.equal(text);
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('is imported to its end when the disk of the error report is full', async () => {
    writeFileSync(members, `[]\n${text}`);
    const { code, stdout, stderr } = await runCli(['import', members, '--errors', '/dev/full'], {
      DATA_DIR: dataDir,
    });
    expect(code).to.equal(1);
    expect(stdout).to.contain('4 lines: 3 imported, 0 were already there, 1 failed');
    expect(stderr).to.contain('padron: /dev/full cannot be written (ENOSPC)');
    expect(stderr).not.to.contain('at ');
  });

  it('is recognised through symbolic links and hard links, on either side', () => {
    const soft = join(folder, 'soft.ndjson');
    const hard = join(folder, 'hard.ndjson');
    symlinkSync(members, soft);
    linkSync(members, hard);
    for (const [file, report] of [
      [members, soft],
      [soft, members],
      [members, hard],
      [hard, soft],
    ] as const)
      expect(() => {
        refuseToOverwrite(file, report);
      })
        .to.throw(CliError)
        .with.property('exitCode', EXIT.usage);
  });

  it('may be in the same folder as the report, whether or not the report exists', () => {
    const other = join(folder, 'other.ndjson');
    refuseToOverwrite(members, other);
    writeFileSync(other, text);
    refuseToOverwrite(members, other);
    refuseToOverwrite('/dev/null', '/dev/null');
  });

  it('must not be a folder: reported like a missing file', async () => {
    const path = join(folder, 'lists');
    mkdirSync(path);
    const runs = await Promise.all(
      [path, join(folder, 'missing.csv')].map(async (file) => ({
        file,
        run: await runCli(['import', file], { DATA_DIR: dataDir }),
      })),
    );
    for (const { file, run } of runs)
      expect(run).to.deep.equal({ code: 2, stdout: '', stderr: `padron: ${file} cannot be read\n` });
    expect(existsSync(dataDir)).to.equal(false);
  });
});
