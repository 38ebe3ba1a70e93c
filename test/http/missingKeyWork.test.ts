import { expect } from 'chai';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import type { ParkedEntry } from '../../src/projections/parking/parkedSubjects.ts';
import { brokenView } from '../support/brokenView.ts';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { loseKeys } from '../support/lostKeys.ts';
import { asNdjson } from '../support/memberList.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const usesKeysFile = !(process.env['TEST_STORES'] ?? '').endsWith('mongodb');
const isSealed = process.env['TEST_SEALING'] !== 'off';
const token = tokenOf('admin');

/** What has to read a person's events waits, or is 503, until the key is back: it never goes on as if there were no such person. */
(usesKeysFile && isSealed ? describe : describe.skip)(
  'While the keys of two people are missing',
  function () {
    this.timeout(60_000);
    const broken = brokenView();
    let dataDir: string;
    let service: TestService;
    let giveBack: () => Promise<void>;
    let persona: PersonaRecord;
    let user: UserRecord;
    let parked: string;
    let rebuild: Job;
    let verification: Job;

    const get = (path: string): Promise<Answer> => service.send('GET', path, { token });
    const post = (path: string, body?: unknown, headers = {}): Promise<Answer> =>
      service.send('POST', path, { token, headers, ...(body === undefined ? {} : { body }) });
    const entries = async (): Promise<ParkedEntry[]> =>
      ((await get('/admin/parked')).body as { parked: ParkedEntry[] }).parked;
    const jobOnce = (id: string, what: string, isSo: (job: Job) => boolean): Promise<Job> =>
      eventually(
        `${id} ${what}`,
        async () => {
          const job = (await get(`/admin/jobs/${id}`)).body as Job;
          return isSo(job) ? job : null;
        },
        40_000,
      );
    const now = (): string => new Date(Date.now() - 1).toISOString();

    before(async () => {
      dataDir = newFolder();
      service = await startTestService({ dataDir, views: broken.views });
      persona = await aPersona(service.service, { nombres: 'Rosalinda' });
      user = await aUser(service.service);
      await post('/users/edit', editOf(user, { cuota: 13 }));
      parked = (await eventually('the user is parked', async () => (await entries())[0])).id;
      await eventually('the history has all', async () => {
        const { body } = await get(`/audit?subject=user-${user.IdUsuario}`);
        return (body as { entries: object[] }).entries.length === 2;
      });
      await service.stop();
      giveBack = await loseKeys(dataDir, [`persona-${persona.id}`, `user-${user.IdUsuario}`]);
      service = await startTestService({ dataDir, views: broken.views });
    });
    after(async () => {
      await service.stop();
      removeFolder(dataDir);
    });

    it('the present list and the history are as the views have them', async () => {
      const { body } = await get('/api/personas?q=rosalinda');
      expect((body as { personas: object[] }).personas).to.have.lengthOf(1);
      const history = await get(`/api/personas/${persona.id}/history`);
      expect(history.status).to.equal(200);
      expect((history.body as { entries: object[] }).entries).to.have.lengthOf(1);
    });

    it('a roll of today has them from the view; no comparison and no named roll is one person short: 503', async () => {
      const today = await get(`/api/personas?at=${now()}&q=rosalinda`);
      expect((today.body as { personas: object[] }).personas).to.have.lengthOf(1);
      const past = '2020-01-01';
      const answers = await Promise.all([
        get(`/api/personas/changes?from=${past}&to=${now()}`),
        post('/rolls', { name: 'Elections', kind: 'personas', at: now() }),
      ]);
      expect(answers.map(({ status }) => status)).to.deep.equal([503, 503]);
    });

    it('neither of them can be exported or erased: 503', async () => {
      const confirm = { reason: 'Request 81', confirm: persona.dni };
      const answers = [
        await get(`/api/personas/${persona.id}/export`),
        await get(`/users/${user.dni}/export`),
        await post(`/api/personas/${persona.id}/erase`, confirm),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503]);
    });

    it('an import that meets one of them stores nothing about the person', async () => {
      const { IdUsuario, dni } = user;
      const list = asNdjson([{ IdUsuario, dni, telefono: '600' }]);
      const headers = { 'content-type': 'application/x-ndjson' };
      const tried = await post('/imports?kind=users&update=true&dryRun=true', list, headers);
      expect(tried.status).to.equal(503);
    });

    it('a parked subject stays parked when it is retried: 503', async () => {
      broken.isMended = true;
      const { status } = await post(`/admin/parked/${parked}/retry`);
      expect(status).to.equal(503);
      expect((await entries()).map(({ id }) => id)).to.deep.equal([parked]);
    });

    it('a rebuild reports what it waits for, and the current view stays', async () => {
      const begun = await post('/admin/projections/personas/rebuild');
      expect(begun.status).to.equal(202);
      rebuild = await jobOnce((begun.body as Job).id, 'reports the key', ({ error }) =>
        /key of .* is missing/.test(error ?? ''),
      );
      expect(rebuild.endedAt).to.equal(null);
      const { body } = await get('/api/personas?q=rosalinda');
      expect((body as { personas: object[] }).personas).to.have.lengthOf(1);
    });

    it('a verification reports what it waits for', async () => {
      const begun = await post('/admin/verify');
      expect(begun.status).to.equal(202);
      verification = await jobOnce((begun.body as Job).id, 'reports the key', ({ error }) =>
        /key of .* is missing/.test(error ?? ''),
      );
      expect(verification.endedAt).to.equal(null);
    });

    it('everything continues once the keys are back', async () => {
      await giveBack();
      expect(await jobOnce(rebuild.id, 'ends', ({ endedAt }) => endedAt !== null)).to.include({
        state: 'done',
        error: null,
      });
      expect(await jobOnce(verification.id, 'ends', ({ endedAt }) => endedAt !== null)).to.include({
        state: 'done',
        error: null,
      });
      expect((await post(`/admin/parked/${parked}/retry`)).status).to.equal(200);
      expect(await entries()).to.deep.equal([]);
      const again = (await post('/admin/verify')).body as Job;
      const { differences } = await jobOnce(again.id, 'ends', ({ endedAt }) => endedAt !== null);
      expect(differences).to.deep.equal([]);
      expect((await get('/api/personas?at=2020-01-01')).status).to.equal(200);
      expect((await get(`/api/personas/${persona.id}/export`)).status).to.equal(200);
    });
  },
);
