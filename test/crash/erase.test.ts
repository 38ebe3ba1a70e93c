import { expect } from 'chai';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../../src/erasure/certificate.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { ended } from '../rebuild/support/work.ts';
import type { CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { FINDABLE_PHONE, FINDABLE_USER } from '../support/findableUser.ts';
import { filesWith, newFolder, removeFolder } from '../support/folder.ts';
import { amountOf } from '../support/long.ts';
import { aUser, editOf } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { eraseUpTo } from './support/eraseUpTo.ts';

const PERSON = FINDABLE_USER;
const LATER = { telefono: FINDABLE_PHONE };
const TEXTS = [...Object.values(PERSON), LATER.telefono];
const MAX_STEPS = 60;
const token = tokenOf('admin');

/** A long run tries each write, `npm test` every sixth one. */
const STRIDE = amountOf('ERASE_STRIDE', { short: 6, long: 1 });

const embedded =
  (process.env['TEST_STORES'] ?? 'sqlite+sqlite') === 'sqlite+sqlite' && !process.env['TEST_SEALING'];

(embedded ? describe : describe.skip)(
  'padron erase, killed after its writes on embedded stores',
  function () {
    this.timeout(600_000);
    let folder: string;
    /** A person with a history, in views that keep a generation for a rollback. */
    let template: string;
    let subject: string;

    before(async () => {
      folder = newFolder();
      template = join(folder, 'template');
      const service = await startTestService({ dataDir: template });
      const user = await aUser(service.service, PERSON);
      subject = `user-${user.IdUsuario}`;
      await service.send('POST', '/users/edit', { token, body: editOf(user, LATER) });
      const rebuilt = await service.send('POST', '/admin/projections/users/rebuild', { token });
      await ended(service.service, rebuilt.body as Job);
      await service.stop();
      expect(filesWith(template, [PERSON.dni])).to.not.deep.equal([]);
    });
    after(() => {
      removeFolder(folder);
    });

    /** Erases on a copy of the template, and dies at that write. */
    async function erasedUpTo(step: number): Promise<{ dataDir: string } & CliRun> {
      const dataDir = join(folder, `step-${step}`);
      cpSync(template, dataDir, { recursive: true });
      const run = await eraseUpTo(step, subject, { DATA_DIR: dataDir });
      return { dataDir, ...run };
    }

    const countOf = async (service: TestService, type: string): Promise<number> =>
      (await service.events()).filter((event) => event.type === type).length;

    async function expectFinished(dataDir: string, service: TestService): Promise<void> {
      const read = (path: string) => service.send('GET', path, { token });
      await eventually('the erasure is finished', async () => {
        const { erasures } = (await read('/admin/erasures')).body as { erasures: Certificate[] };
        return erasures.length === 1 && erasures[0]?.verified.views;
      });
      expect(await countOf(service, 'SubjectErased')).to.equal(1);
      expect(await countOf(service, 'ErasureProved')).to.equal(1);
      expect((await read(`/users/${PERSON.dni}`)).status).to.equal(404);
      expect((await read(`/users/${subject}/history`)).status).to.equal(410);
      const shown = [await read('/users'), await read('/audit'), await read('/users?at=2020-01-01')];
      expect(JSON.stringify(shown.map(({ body }) => body))).to.not.match(new RegExp(TEXTS.join('|')));
      await service.stop();
      expect(filesWith(dataDir, TEXTS)).to.deep.equal([]);
    }

    /** The decision was not stored yet. */
    async function expectUntouched(service: TestService): Promise<void> {
      expect((await service.send('GET', `/users/${PERSON.dni}`, { token })).body).to.include(LATER);
      expect(await countOf(service, 'ErasureProved')).to.equal(0);
      await service.stop();
    }

    it('is finished by the next server, with exactly one proof, and nothing of the person is left', async () => {
      let step = 1;
      let finished = 0;
      for (; step < MAX_STEPS; step += STRIDE) {
        const { dataDir, code, stderr } = await erasedUpTo(step);
        expect(code === null || code === 0, `step ${step}: ${stderr}`).to.equal(true);
        const service = await startTestService({ dataDir });
        if ((await countOf(service, 'SubjectErased')) === 0) await expectUntouched(service);
        else {
          await expectFinished(dataDir, service);
          finished += 1;
        }
        removeFolder(dataDir);
        if (code === 0) break;
      }
      expect(step).to.be.below(MAX_STEPS);
      expect(finished).to.be.above(8 / STRIDE);
    });
  },
);
