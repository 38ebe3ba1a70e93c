import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import type { Certificate } from '../../src/erasure/certificate.ts';
import { keysUrlOf } from '../../src/sealing/opening/sealedStore.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { filesWith, newFolder, removeFolder } from '../support/folder.ts';
import { startInstance, type Instance, type Reply } from '../support/instance.ts';
import { amountOf } from '../support/long.ts';
import { contentsWith } from '../support/mongoContents.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';
import { editBody, userBody } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';
import { eraseUpTo } from './support/eraseUpTo.ts';

const MAX_STEPS = 60;
const token = tokenOf('admin');

/** ERASE_STRIDE=1 tries each write, which takes some minutes. */
const STRIDE = amountOf('ERASE_STRIDE', { short: 8, long: 3 });

/** Someone whose texts are stored nowhere else. */
const findable = (n: number) => ({
  dni: `${77_665_000 + n}Q`,
  nombre: `Wilhelmina${String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26))}`,
  email: `w${1_000 + n}@example.org`,
  telefono: `65544${1_000 + n}`,
});

describeOnMongo('padron erase, killed after its writes on servers', function () {
  this.timeout(600_000);
  let server: EventStoreDbServer;
  let database: TestDatabase;
  let folder: string;
  let stores: Record<string, string>;
  let instance: Instance;

  before(async () => {
    server = await EventStoreDbServer.start();
    database = testDatabase();
    folder = newFolder();
    stores = {
      EVENTSTORE_URL: server.url,
      MONGODB_URL: database.url,
      SEALING: 'on',
      MASTER_KEY: randomBytes(32).toString('base64'),
      DATA_DIR: folder,
    };
    instance = await startInstance(stores);
  });
  after(async () => {
    await instance.kill();
    await database.drop();
    await server.close();
    removeFolder(folder);
  });

  const send = (method: string, path: string, body?: object): Promise<Reply> =>
    instance.send(method, path, { token, withinMs: 20_000, ...(body ? { body } : {}) });

  /** Someone with a history, in a view that keeps a generation for a rollback; the stream. */
  async function registered(person: ReturnType<typeof findable>): Promise<string> {
    const answer = await send('POST', '/users', userBody(person));
    expect(answer.status).to.equal(201);
    expect((await send('POST', '/users/edit', editBody({ ...person, cuota: 30 }))).status).to.equal(200);
    const job = (await send('POST', '/admin/projections/users/rebuild')).body as { id: string };
    await eventually('the view is rebuilt', async () => {
      const { body } = await send('GET', `/admin/jobs/${job.id}`);
      return (body as { state: string }).state === 'done';
    });
    expect(await contentsWith(database.url, Object.values(person))).to.not.deep.equal([]);
    return `user-${(answer.body as { IdUsuario: number }).IdUsuario}`;
  }

  const erasureOf = async (subject: string): Promise<Certificate | undefined> => {
    const { erasures } = (await send('GET', '/admin/erasures')).body as { erasures: Certificate[] };
    const own = erasures.filter((one) => one.subject === subject);
    expect(own.length, 'erasures of one subject').to.be.at.most(1);
    return own[0];
  };

  it('is finished by the next server, with one certificate, and nothing of the person is left', async () => {
    let step = 1;
    let finished = 0;
    for (; step < MAX_STEPS; step += STRIDE) {
      const person = findable(step);
      const subject = await registered(person);
      await instance.kill();
      const { code, stderr } = await eraseUpTo(step, subject, stores);
      expect(code === null || code === 0, `step ${step}: ${stderr}`).to.equal(true);
      instance = await startInstance(stores);
      if (await erasureOf(subject)) {
        await eventually('the erasure is proved', async () => (await erasureOf(subject))?.verified.views);
        finished += 1;
        expect((await send('GET', `/users/${person.dni}`)).status).to.equal(404);
        expect((await send('GET', `/users/${subject}/history`)).status).to.equal(410);
        const texts = Object.values(person);
        expect(await contentsWith(database.url, texts), `step ${step}`).to.deep.equal([]);
        expect(await contentsWith(keysUrlOf(database.url), texts)).to.deep.equal([]);
        expect(filesWith(folder, texts)).to.deep.equal([]);
      } else {
        // The decision was not stored yet.
        expect((await send('GET', `/users/${person.dni}`)).body).to.include({ cuota: 30 });
      }
      if (code === 0) break;
    }
    expect(step).to.be.below(MAX_STEPS);
    expect(finished).to.be.above(8 / STRIDE);
  });
});
