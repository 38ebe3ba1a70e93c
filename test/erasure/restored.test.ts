import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../../src/erasure/certificate.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong, someOf } from '../support/long.ts';
import { memberList } from '../support/memberList.ts';
import { describeOnMongo } from '../support/mongodb.ts';
import { startServer } from '../support/serverProcess.ts';
import { tokenOf } from '../support/tokens.ts';
import { embedded, onServers, type Installation } from './support/installation.ts';

const REASON = 'Request of 12 March, file 2026/81';
const members = memberList(2);
const dni = String(members[0]?.['dni']);

function describeRestores(open: () => Promise<Installation>): () => void {
  return function (this: Mocha.Suite): void {
    this.timeout(120_000);
    let installation: Installation;
    let folder: string;
    const run: Installation['run'] = (...args) => installation.run(...args);

    /** Erases a user, and keeps the list of erasures outside. */
    async function erase(subject: string): Promise<Certificate> {
      const { code, stdout, stderr } = await run(['erase', subject, '--reason', REASON, '--yes', '--json']);
      expect(code, stderr).to.equal(0);
      const listed = await run(['erasures', '--json']);
      writeFileSync(join(folder, 'erasures.json'), listed.stdout);
      return JSON.parse(stdout) as Certificate;
    }
    const reapply = () => run(['erasures', '--reapply', join(folder, 'erasures.json')]);

    /** How many keys there are, how many of them are erased, and whether anything is missing. */
    async function keys(): Promise<string> {
      const { stdout } = await run(['keys', 'check']);
      return stdout;
    }

    async function expectErased(): Promise<void> {
      expect(await run(['export', 'user-1'])).to.include({ code: 1, stderr: 'padron: user-1 was erased\n' });
      const verified = await run(['verify']);
      expect(verified, verified.stdout + verified.stderr).to.include({ code: 0 });
      const { stdout } = await run(['roll', '--format', 'csv']);
      expect(stdout).to.include(String(members[1]?.['dni'])).and.not.include(dni);
    }

    beforeEach(async () => {
      folder = newFolder();
      installation = await open();
      await installation.importUsers(members);
      await installation.backUp();
    });
    afterEach(async () => {
      await installation.remove();
      removeFolder(folder);
    });

    it('erases the key again that a key store restored from before the erasure has, before anything is opened', async () => {
      await erase('user-1');
      await installation.restoreKeys();
      // The first to open the stores is a server: what it answers first is about the erased person.
      const server = await startServer(
        installation.environment()['DATA_DIR'] ?? '',
        installation.environment(),
      );
      const headers = { authorization: `Bearer ${tokenOf('admin')}` };
      const past = await fetch(`${server.url}/users/user-1?revision=0`, { headers });
      expect(past.status).to.equal(410);
      server.process.kill('SIGTERM');
      await server.ended;
      expect(await keys()).to.equal('2 keys, 1 erased, 0 not needed by any event\n');
      await expectErased();
    });

    itLong(
      'shows the person again after a restore of log and keys from before the erasure, until the list is applied',
      async () => {
        const certificate = await erase('user-1');
        await installation.restoreLog();
        await installation.restoreKeys();
        expect((await run(['history', 'user-1'])).stdout).to.include('The user was registered.');
        const { code, stdout, stderr } = await reapply();
        expect({ code, stdout }, stderr).to.deep.equal({ code: 0, stdout: 'user-1: erased\n' });
        await expectErased();
        const { erasures } = JSON.parse((await run(['erasures', '--json'])).stdout) as {
          erasures: Certificate[];
        };
        const { erasedAt } = erasures[0]!;
        expect(Date.parse(erasedAt)).to.be.greaterThan(Date.parse(certificate.erasedAt));
        expect(erasures).to.deep.equal([{ ...certificate, erasedAt }]);
        expect(await reapply()).to.include({ code: 0, stdout: 'user-1: erased before\n' });
      },
    );

    it('erases the person in a restored log whose key store was not restored', async () => {
      await erase('user-1');
      await installation.restoreLog();
      const { code, stdout, stderr } = await reapply();
      expect({ code, stdout }, stderr).to.deep.equal({ code: 0, stdout: 'user-1: erased\n' });
      await expectErased();
    });

    itLong(
      'leaves alone a person who was given the id of an erased one, and the key of nobody else',
      async () => {
        const [, , later] = memberList(3);
        await installation.importUsers([later!]);
        await erase('user-3');
        await installation.restoreLog();
        await installation.restoreKeys();
        // Registered after the backup: neither the log nor the key store has ever had this person.
        expect(await reapply()).to.include({ code: 0, stdout: 'user-3: not in this log\n' });
        expect(await keys()).to.match(/^3 keys, 1 erased/);

        await installation.restoreKeys();
        const [other] = memberList(1, { seed: 7, firstId: 3 });
        await installation.importUsers([other!]);
        const { code, stdout, stderr } = await reapply();
        expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
        expect(stderr).to.include('user-3: left alone: the id belongs to another person now');
        expect((await run(['history', 'user-3'])).stdout).to.include('The user was registered.');
      },
    );
  };
}

describe('A restore from before an erasure on embedded stores', describeRestores(embedded));
describeOnMongo('A restore from before an erasure on EventStoreDB and MongoDB', describeRestores(onServers));

describe('The list that padron erasures --reapply reads', () => {
  it('is refused (exit code 2) where it is not one, without repeating what is in it', async () => {
    const installation = await embedded();
    await installation.importUsers(members);
    const contents = someOf(2, [
      'no JSON 45678912C',
      '{"erasures":[{"subject":"45678912C"}]}',
      '[]',
      '{"erasures":[{"subject":"padron-settings"}]}',
    ]);
    for (const content of contents) {
      const file = join(String(installation.environment()['DATA_DIR']), 'list.json');
      writeFileSync(file, content);
      const { code, stdout, stderr } = await installation.run(['erasures', '--reapply', file]);
      expect({ code, stdout }, content).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.include('list.json').and.not.include('45678912C');
    }
    await installation.remove();
  }).timeout(60_000);
});
