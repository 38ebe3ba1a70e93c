import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.ts';
import { filesWith, newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { asNdjson, memberList } from '../support/memberList.ts';

const MEMBERS = 3;

describeLong('docs/how-to/seal-personal-data.md', function () {
  this.timeout(120_000);
  const folder = newFolder();
  after(() => {
    removeFolder(folder);
  });

  it('seals a log in clear, backs it up, restores it and rotates the master key, as it says', async () => {
    const members = memberList(MEMBERS);
    const clear = { DATA_DIR: join(folder, 'data'), SEALING: 'off' };
    expect(await runCli(['import', '-'], clear, asNdjson(members))).to.include({ code: 0 });

    const { printed, err } = await howTo('seal-personal-data').run(folder, {});
    expect(err).to.equal('');
    const [, sealed, checked, , restored, rotated] = printed;
    const keys = `${MEMBERS + 1} keys`;
    const allOpen = `${keys}, 0 erased, 0 not needed by any event`;
    expect(sealed).to.contain('verified, sealed and event by event');
    expect(checked).to.contain(allOpen);
    expect(restored).to.contain(allOpen).and.to.contain(`${MEMBERS} subjects`);
    expect(rotated).to.contain(`${keys} are wrapped by MASTER_KEY now`).and.to.contain(allOpen);

    const emails = members.map(({ email }) => String(email));
    const backups = readdirSync(folder).filter((name) => name.startsWith('backup-'));
    expect(backups).to.have.members(['backup-log', 'backup-keys']);
    for (const name of [...backups, 'data']) {
      expect(filesWith(join(folder, name), emails), name).to.deep.equal([]);
    }
  });
});
