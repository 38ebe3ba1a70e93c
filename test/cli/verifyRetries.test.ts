import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { history } from '../../src/projections/views/history.ts';
import { users } from '../../src/projections/views/users.ts';
import { collectionName } from '../../src/projections/stores/mongodb/generation/generations.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { startFaultyProxy, type FaultyProxy } from '../support/faultyProxy.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';

/** A call is repeated by the read model itself, at once, before it fails. */
const FAILED_CALL = 3;
const RETRIED = /^padron: a store failed \(MongoDB: .+\); trying again in [01]\.\d s$/m;

describeOnMongo('A command while MongoDB does not answer a call', function () {
  this.timeout(120_000);
  let folder: string;
  let database: TestDatabase;
  let proxy: FaultyProxy;

  before(async () => {
    folder = newFolder();
    database = testDatabase();
    proxy = await startFaultyProxy(database.url);
    const list = join(folder, 'members.ndjson');
    writeFileSync(list, asNdjson(memberList(3)));
    expect((await runCli(['import', list], environment())).code).to.equal(0);
    expect((await verify()).stdout).to.contain('no differences');
  });
  after(async () => {
    await proxy.close();
    await database.drop();
    removeFolder(folder);
  });

  const environment = (): Record<string, string> => ({
    DATA_DIR: join(folder, 'data'),
    MONGODB_URL: proxy.url,
    SEALING: 'off',
  });
  const verify = (): Promise<CliRun> => runCli(['verify'], environment());

  it('says so, reads it again, and ends as if nothing had happened: verify', async () => {
    proxy.cutAt(collectionName(history, 1), FAILED_CALL);
    const { code, stdout, stderr } = await verify();
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '3 subjects, 3 events: no differences\n' });
    expect(stderr).to.match(RETRIED);
  });

  it('says so, reads it again, and ends as if nothing had happened: roll', async () => {
    const { stdout: whole } = await runCli(['roll', '--format', 'csv'], environment());
    proxy.cutAt(collectionName(users, 1), FAILED_CALL);
    const { code, stdout, stderr } = await runCli(['roll', '--format', 'csv'], environment());
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: whole });
    expect(stderr).to.match(RETRIED);
  });
});
