import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asCsv, memberList } from '../support/memberList.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import type { Answer } from '../support/client.ts';

const token = tokenOf('admin', 'ana');

describe('An Idempotency-Key of POST /imports', () => {
  let folder: string;
  let service: TestService;
  let made = 0;
  const newKey = (): string => `import-${(made += 1)}`;

  before(async () => {
    folder = newFolder();
    service = await startTestService({ dataDir: folder });
  });
  after(async () => {
    await service.stop();
    removeFolder(folder);
  });

  const list = asCsv(memberList(5));
  const post = (key: string, body = list, query = '', caller = token): Promise<Answer> =>
    service.send('POST', `/imports${query}`, {
      token: caller,
      body,
      headers: { 'content-type': 'text/csv', 'idempotency-key': key },
    });
  const idOf = ({ status, body, headers }: Answer): string => {
    const { id } = body as { id: string };
    expect({ status, location: headers['location'] }).to.deep.equal({
      status: 202,
      location: `/imports/${id}`,
    });
    return id;
  };
  async function ended(id: string): Promise<void> {
    await eventually('the import ends', async () => {
      const { body } = await service.send('GET', `/imports/${id}`, { token });
      return (body as { state: string }).state === 'done';
    });
  }
  const imports = async (): Promise<number> =>
    ((await service.send('GET', '/imports', { token })).body as { jobs: unknown[] }).jobs.length;

  it('begins one import: the repeat answers the same job, running and ended, and keeps no list', async () => {
    const before = await imports();
    const key = newKey();
    const id = idOf(await post(key));
    expect(idOf(await post(key))).to.equal(id);
    await ended(id);
    expect(idOf(await post(key))).to.equal(id);
    expect(await imports()).to.equal(before + 1);
    await eventually('no list is left', () => readdirSync(join(folder, 'imports')).length === 0);
  });

  it('begins one import for requests at the same time', async () => {
    const key = newKey();
    const ids = (await Promise.all([post(key), post(key), post(key)])).map(idOf);
    expect(new Set(ids).size).to.equal(1);
    await ended(ids[0] as string);
  });

  it('is refused with another list, and with the same list read in another way (422)', async () => {
    const key = newKey();
    await ended(idOf(await post(key)));
    for (const other of [await post(key, asCsv(memberList(6))), await post(key, list, '?update=true')])
      expect([other.status, other.headers['problem-code']]).to.deep.equal([422, 'key-reused']);
  });

  it('is the account’s own', async () => {
    const key = newKey();
    const first = idOf(await post(key));
    await ended(first);
    const other = idOf(await post(key, list, '', tokenOf('admin', 'eva')));
    expect(other).not.to.equal(first);
    await ended(other);
  });

  it('is still known after a restart', async () => {
    const key = newKey();
    const id = idOf(await post(key));
    await ended(id);
    await service.stop();
    service = await startTestService({ dataDir: folder });
    expect(idOf(await post(key))).to.equal(id);
  });

  it('does not count for a dry run, nor for a list that was refused', async () => {
    const key = newKey();
    expect((await post(key, list, '?dryRun=true')).status).to.equal(200);
    expect((await post(key, '<html>')).status).to.equal(400);
    await ended(idOf(await post(key)));
  });

  it('must be visible ASCII (400)', async () => {
    expect((await post('has a blank')).status).to.equal(400);
  });

  it('is not found when its import has been forgotten, and begins no other one (404)', async () => {
    const key = newKey();
    await ended(idOf(await post(key)));
    for (let n = 0; n < 21; n += 1) await ended(idOf(await post(newKey())));
    const before = await imports();
    const answer = await post(key);
    expect([answer.status, answer.headers['problem-code']]).to.deep.equal([404, 'not-found']);
    expect(await imports()).to.equal(before);
  }).timeout(60_000);
});
