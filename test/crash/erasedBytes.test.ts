import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { startCli } from '../support/cli.ts';
import { FINDABLE_PHONE, FINDABLE_USER } from '../support/findableUser.ts';
import { filesWith, newFolder, removeFolder } from '../support/folder.ts';
import { describeLong } from '../support/long.ts';
import { editBody, userBody } from '../support/people.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

const PERSON = { ...FINDABLE_USER, direccion: 'Calle Zarzuela 98' };
const LATER = { telefono: FINDABLE_PHONE, direccion: 'Plaza Quijote 7' };

describeLong('The files of a server that erased a person', function () {
  this.timeout(120_000);
  const texts = [...Object.values(PERSON), ...Object.values(LATER)];
  let folder: string;
  let server: ServerProcess;

  async function send(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${tokenOf('admin')}`, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(answer.status, `${method} ${path}`).to.be.within(200, 202);
    return answer.json();
  }

  before(async () => {
    folder = newFolder();
    server = await startServer(folder, { SEALING: 'on' });
  });
  after(async () => {
    server.process.kill('SIGKILL');
    await server.ended;
    removeFolder(folder);
  });

  it('hold none of the person’s data: not while it runs, nor after a rebuild, kill -9 and a verification', async () => {
    const { password, ...rest } = userBody(PERSON);
    await send('POST', '/users', { ...rest, password });
    const edited = await send('POST', '/users/edit', editBody({ ...PERSON, ...LATER }));
    expect(edited).to.include(LATER);
    await send('GET', `/users/${PERSON.dni}/history`);
    // So the search does find what is there.
    await eventually('a file holds the person', () => filesWith(folder, [PERSON.dni]).length > 0);

    const confirm = { reason: 'Request of 12 March', confirm: PERSON.dni };
    const certificate = await send('POST', `/users/${PERSON.dni}/erase`, confirm);
    expect(certificate).to.deep.include({ verified: { events: true, views: true, keyStore: true } });
    expect(filesWith(folder, texts)).to.deep.equal([]);

    await send('POST', '/admin/projections/users/rebuild');
    expect(await send('GET', '/users')).to.have.property('users');
    server.process.kill('SIGKILL');
    await server.ended;
    expect(filesWith(folder, texts)).to.deep.equal([]);
    const verified = await startCli(['verify'], { DATA_DIR: folder, JWT_SECRET: SECRET }).ended;
    expect(verified, verified.stdout + verified.stderr).to.include({ code: 0 });
    server = await startServer(folder);
    expect(filesWith(folder, texts)).to.deep.equal([]);
  });
});
