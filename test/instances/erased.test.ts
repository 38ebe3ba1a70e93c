import { expect } from 'chai';
import { randomBytes, randomUUID } from 'node:crypto';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { keysUrlOf } from '../../src/sealing/opening/sealedStore.ts';
import { openEventStore } from '../../src/service/stores.ts';
import { eventually } from '../support/eventually.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { FINDABLE_PHONE, FINDABLE_USER } from '../support/findableUser.ts';
import { filesWith, newFolder, removeFolder } from '../support/folder.ts';
import { startInstance, type Instance, type Reply } from '../support/instance.ts';
import { contentsWith, spellingsOf } from '../support/mongoContents.ts';
import { describeOnMongo, testDatabase, type TestDatabase } from '../support/mongodb.ts';
import { editBody, personaBody, userBody } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';

const admin = tokenOf('admin');
/** Within 5 s is promised; the rest is for a busy machine. */
const ERASED_MS = 15_000;
const USER = FINDABLE_USER;
const EDITED = { telefono: FINDABLE_PHONE };
const PARKED = '633221100';
const PERSON = {
  dni: '66554433R',
  nombres: 'Ermenegilda',
  apellidos: 'Quijotez',
  telefono: '622110099',
  cuenta: 'cuenta-de-gilda',
};
const TEXTS = [...Object.values(USER), ...Object.values(EDITED), PARKED, ...Object.values(PERSON)];
const SPELLINGS = spellingsOf(TEXTS);
const textsIn = (content: string): string[] =>
  SPELLINGS.filter((spelling) => content.toLowerCase().includes(spelling));
const foundIn = (url: string): Promise<string[]> => contentsWith(url, TEXTS);

describeOnMongo('People who were erased through one of two instances', function () {
  this.timeout(120_000);
  const masterKey = randomBytes(32).toString('base64');
  let server: EventStoreDbServer;
  let database: TestDatabase;
  const folders: string[] = [];
  const instances: Instance[] = [];
  let user: string;
  let person: string;
  let id: number;
  let roll: string;
  let moment: string;

  const send = (n: number, method: string, path: string, body?: object, token = admin): Promise<Reply> =>
    instances[n]!.send(method, path, { token, withinMs: 20_000, ...(body ? { body } : {}) });

  async function done(n: number, path: string, body: object, token = admin): Promise<Reply> {
    const answer = await send(n, 'POST', path, body, token);
    expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).to.be.within(200, 202);
    return answer;
  }

  before(async () => {
    server = await EventStoreDbServer.start();
    database = testDatabase();
    folders.push(newFolder(), newFolder());
    const stores = {
      EVENTSTORE_URL: server.url,
      MONGODB_URL: database.url,
      SEALING: 'on',
      MASTER_KEY: masterKey,
    };
    // One after the other: the second finds the views there.
    for (const DATA_DIR of folders) instances.push(await startInstance({ ...stores, DATA_DIR }));
    const registered = await done(0, '/users', userBody(USER));
    user = `user-${(registered.body as { IdUsuario: number }).IdUsuario}`;
    await done(1, '/users/edit', editBody({ ...USER, ...EDITED }));
    const added = await done(1, '/api/personas', personaBody(PERSON));
    id = (added.body as { id: number }).id;
    person = `persona-${id}`;
    moment = new Date().toISOString();
    const named = await done(0, '/rolls', { name: 'All', kind: 'users', at: moment });
    roll = (named.body as { id: string }).id;
    await parkUser();
    await refuseImport();
  });
  after(async () => {
    await Promise.all(instances.map((instance) => instance.kill()));
    await database.drop();
    await server.close();
    folders.forEach(removeFolder);
  });

  /** An event of the user that no view can apply. */
  async function parkUser(): Promise<void> {
    const sealing = { wanted: 'on' as const, masterKey, previousMasterKey: null };
    const config = { dataDir: folders[0]!, eventStoreUrl: server.url, mongoUrl: database.url, sealing };
    const store = await openEventStore(config);
    const plain = newEvent(
      randomUUID(),
      { type: 'UserRemoved', data: {} },
      systemOrigin('test'),
      new Date().toISOString(),
    );
    const event = { ...plain, type: 'UserEdited', data: { changes: { alias: { from: 1, to: PARKED } } } };
    await store.append([{ stream: user, expected: 1, events: [event] }]);
    await store.close();
    await eventually('the user is parked', async () => {
      const { body } = await send(0, 'GET', '/admin/parked');
      return (body as { parked: object[] }).parked.length > 0;
    });
  }

  /** A list with the user's DNI under another id, which is refused. */
  async function refuseImport(): Promise<void> {
    const { password: _, ...line } = userBody(USER);
    const list = `${JSON.stringify({ IdUsuario: 77, ...line })}\n`;
    const answer = await fetch(`${instances[0]!.url}/imports?kind=users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/x-ndjson' },
      body: list,
    });
    expect(answer.status, await answer.clone().text()).to.equal(202);
    const { id: job } = (await answer.json()) as { id: string };
    await eventually('the import is done', async () => {
      const { body } = await send(0, 'GET', `/imports/${job}`);
      return (body as { state: string }).state === 'done';
    });
  }

  /** Every way to ask for the two, with the account that asks. */
  const paths = (): [path: string, token?: string][] => {
    const own = tokenOf('asistente', PERSON.cuenta);
    const ofUser = [`/users/${USER.dni}`, `/users/${user}`];
    const ofPerson = [`/api/personas/${id}`];
    const both = [...ofUser, ...ofPerson].flatMap((path) =>
      ['', '?revision=0', `?at=${moment}`, '/diff?from=0&to=1', '/history', '/export'].map(
        (rest) => path + rest,
      ),
    );
    const lists = ['/users', '/api/personas'].flatMap((path) => [
      path,
      `${path}?at=${moment}`,
      `${path}/changes?from=2020-01-01T00:00:00Z&to=${moment}`,
    ]);
    const asked = [
      `/users?q=${USER.nombre}`,
      `/api/personas?q=${PERSON.nombres}`,
      '/audit',
      `/audit?subject=${user}`,
      `/audit?subject=${person}`,
      `/audit?q=${USER.nombre}`,
      `/rolls/${roll}/entries`,
      '/admin/parked',
      '/admin/jobs',
      '/imports',
      '/admin/erasures',
    ];
    const admins = [...both, ...lists, ...asked].map((path): [string] => [path]);
    return [
      ...admins,
      ['/api/personas/me', own],
      ['/api/personas/me/history', own],
      ['/api/personas/me/export', own],
    ];
  };

  /** Which answers of an instance show something of the two. */
  async function showing(n: number): Promise<string[]> {
    const answers = await Promise.all(
      paths().map(async ([path, token]) => ({ path, ...(await send(n, 'GET', path, undefined, token)) })),
    );
    expect(
      answers.filter(({ status }) => status >= 500).map(({ path, status }) => `${path} ${status}`),
    ).to.deep.equal([]);
    return answers.filter(({ body }) => textsIn(JSON.stringify(body)).length > 0).map(({ path }) => path);
  }

  it('are in no answer of the other within 5 s, and never again, and not in MongoDB', async () => {
    // Both instances know them, and the search does find what is there.
    for (const n of [0, 1]) {
      await eventually('the lists have caught up', async () => (await showing(n)).includes('/audit'));
      expect(await showing(n)).to.include.members([
        `/users/${USER.dni}`,
        '/users',
        `/users/${USER.dni}?revision=0`,
        '/api/personas/me',
      ]);
    }
    expect(await foundIn(database.url)).to.not.deep.equal([]);

    const erase = (path: string, confirm: string) =>
      eventually(
        `${path} has its certificate`,
        async () => (await send(0, 'POST', path, { reason: 'Request of 12 March', confirm })).status === 200,
        60_000,
      );
    await erase(`/users/${USER.dni}/erase`, USER.dni);
    await erase(`/api/personas/${id}/erase`, PERSON.dni);
    expect(await foundIn(database.url)).to.deep.equal([]);
    expect(await foundIn(keysUrlOf(database.url))).to.deep.equal([]);

    await eventually('the other shows nothing', async () => (await showing(1)).length === 0, ERASED_MS);
    const statuses = async (n: number): Promise<number[]> =>
      Promise.all(
        [
          `/users/${USER.dni}`,
          `/users/${user}?revision=0`,
          `/users/${user}/history`,
          `/api/personas/${id}`,
          `/api/personas/${id}/history`,
        ].map(async (path) => (await send(n, 'GET', path)).status),
      );
    for (const n of [0, 1]) {
      expect(await statuses(n)).to.deep.equal([404, 410, 410, 404, 410]);
      expect(await showing(n)).to.deep.equal([]);
      // The account and the DNI are free, and lead to nobody.
      expect(
        (await send(n, 'GET', '/api/personas/me', undefined, tokenOf('asistente', PERSON.cuenta))).status,
      ).to.equal(404);
    }
    expect(await foundIn(database.url)).to.deep.equal([]);
    for (const folder of folders) expect(filesWith(folder, TEXTS)).to.deep.equal([]);
  });
});
