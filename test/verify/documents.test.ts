import { expect } from 'chai';
import { removeUser } from '../../src/commands/removeUser.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { personas } from '../../src/projections/views/personas.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import { users } from '../../src/projections/views/users.ts';
import { aPersona, aUser } from '../support/people.ts';
import { by, EVENT_STORES, MAX_MS, openVerified, type Verified } from './support/verified.ts';

for (const events of EVENT_STORES) {
  describe(`Verifying documents (events: ${events})`, function () {
    this.timeout(MAX_MS);
    let verified: Verified;
    let ana: PersonaRecord & { cuenta: string };
    let ben: PersonaRecord;
    let socia: UserRecord;
    beforeEach(async () => {
      verified = await openVerified({ events });
      ana = await aPersona(verified);
      ben = await aPersona(verified);
      socia = await aUser(verified);
      await verified.commands.handle(updatePersonaProfile, { telefono: '600' }, by(ana.cuenta));
    });
    afterEach(() => verified.close());

    /** Verifies, repairs, and verifies again: exactly `differences`, repaired, and nothing else touched. */
    async function expectFoundAndMended(
      subject: string,
      documentName: string,
      differences: { member: string | null; problem: string }[],
      before: Map<string, string>,
    ): Promise<void> {
      const projection = subject.startsWith('persona') ? 'personas' : 'users';
      const wanted = differences.map((one) => ({ projection, subject, ...one }));
      const tampered = await verified.everything();
      expect((await verified.verify()).told).to.deep.equal(wanted);
      expect(await verified.everything(), 'a verification without repair writes nothing').to.deep.equal(
        tampered,
      );

      const repaired = await verified.verify({ repair: true });
      expect(repaired.told).to.deep.equal(wanted);
      expect(repaired.found.map(({ repaired }) => repaired)).to.deep.equal(wanted.map(() => true));
      expect(repaired.repaired).to.equal(wanted.length);
      const after = await verified.everything();
      const isOther = ([name]: [string, string]): boolean => name !== documentName;
      expect([...after].filter(isOther)).to.deep.equal([...before].filter(isOther));
      expect((await verified.verify()).told).to.deep.equal([]);
    }

    it('finds nothing if nothing is wrong', async () => {
      const { told, isWhole, subjects, events: counted } = await verified.verify();
      expect(told).to.deep.equal([]);
      expect(isWhole).to.equal(true);
      expect(subjects).to.equal(3);
      expect(counted, 'each event once').to.equal(4);
    });

    it('finds a correct document that searches would miss', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.loseWords(personas, ana.id);
      const unfindable = [{ member: 'index', problem: 'different' }];
      await expectFoundAndMended(`persona-${ana.id}`, `personas ${ana.id}`, unfindable, before);
      const shown = verified.readModel.shown(personas);
      const { documents } = await shown.page({
        after: 0,
        limit: 10,
        words: [ana.nombres.toLowerCase().slice(0, 3)],
      });
      expect(documents.map(({ id }) => id)).to.include(ana.id);
    });

    it('counts what it reads as processed: each event along the log and with its subject', async () => {
      let last = 0;
      await verified.verify({
        onProgress: async ({ processed }) => {
          last = processed;
        },
      });
      expect(last).to.equal(2 * 4);
    });

    it('finds nothing in an empty log', async () => {
      const empty = await openVerified({ events });
      const { told, isWhole, subjects } = await empty.verify();
      expect({ told, isWhole, subjects }).to.deep.equal({ told: [], isWhole: true, subjects: 0 });
      await empty.close();
    });

    it('names the members that differ, and repairs them', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(personas, ana.id, (document) => ({
        ...document,
        body: { ...document.body, telefono: '666', nombres: 'Eva' },
      }));
      await expectFoundAndMended(
        `persona-${ana.id}`,
        `personas ${ana.id}`,
        [
          { member: 'nombres', problem: 'different' },
          { member: 'telefono', problem: 'different' },
        ],
        before,
      );
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('names an extra or a missing member', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(users, socia.IdUsuario, (document) => {
        const { cuota: _cuota, ...body } = document.body as UserRecord;
        return { ...document, body: { ...body, apodo: 'Mari' } };
      });
      await expectFoundAndMended(
        `user-${socia.IdUsuario}`,
        `users ${socia.IdUsuario}`,
        [
          { member: 'cuota', problem: 'different' },
          { member: 'apodo', problem: 'different' },
        ],
        before,
      );
    });

    it('compares the search words of a document', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(users, socia.IdUsuario, (document) => ({ ...document, search: 'nobody' }));
      const wanted = [{ member: 'search', problem: 'different' }];
      await expectFoundAndMended(`user-${socia.IdUsuario}`, `users ${socia.IdUsuario}`, wanted, before);
    });

    it('compares the lookup keys of a document', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(users, socia.IdUsuario, (document) => ({
        ...document,
        lookup: { dni: 'OTHER' },
      }));
      const wanted = [{ member: 'lookup', problem: 'different' }];
      await expectFoundAndMended(`user-${socia.IdUsuario}`, `users ${socia.IdUsuario}`, wanted, before);
    });

    it('finds a document that is behind the events it should include', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(personas, ana.id, (document) => ({ ...document, revision: 0, body: ana }));
      const wanted = [{ member: null, problem: 'different' }];
      await expectFoundAndMended(`persona-${ana.id}`, `personas ${ana.id}`, wanted, before);
    });

    it('finds a document that is ahead of its stream', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(personas, ana.id, (document) => ({ ...document, revision: 99 }));
      const wanted = [{ member: null, problem: 'different' }];
      await expectFoundAndMended(`persona-${ana.id}`, `personas ${ana.id}`, wanted, before);
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('finds a subject that the view considers removed', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(personas, ben.id, (document) => ({ ...document, body: null, search: '' }));
      const wanted = [{ member: null, problem: 'different' }];
      await expectFoundAndMended(`persona-${ben.id}`, `personas ${ben.id}`, wanted, before);
    });

    it('finds a removed user that is still shown', async () => {
      await verified.commands.handle(removeUser, { dni: socia.dni }, by('admin'));
      await verified.level();
      const before = await verified.everything();
      await verified.tamper(users, socia.IdUsuario, (document) => ({ ...document, body: socia }));
      const wanted = [{ member: null, problem: 'different' }];
      await expectFoundAndMended(`user-${socia.IdUsuario}`, `users ${socia.IdUsuario}`, wanted, before);
    });

    it('finds a document without a subject, and leaves a tombstone that allows a later subject with that id', async () => {
      await verified.level();
      const stranger: ViewDocument = {
        id: ben.id + 1,
        revision: 3,
        body: { ...ben },
        search: 'x',
        lookup: {},
        parked: null,
      };
      const before = await verified.everything();
      await (await verified.documents(personas)).put([stranger]);
      const wanted = [{ member: null, problem: 'unexpected' }];
      await expectFoundAndMended(`persona-${stranger.id}`, `personas ${stranger.id}`, wanted, before);

      const eva = await aPersona(verified, { nombres: 'Eva' });
      expect(eva.id).to.equal(stranger.id);
      expect((await verified.verify()).told).to.deep.equal([]);
      const [document] = await (await verified.documents(personas)).load([eva.id]);
      expect(document?.body).to.deep.equal(eva);
    });

    it('finds a document that is missing, and writes it', async () => {
      await verified.level();
      const before = await verified.everything();
      await verified.lose(personas, ana.id);
      const wanted = [{ member: null, problem: 'missing' }];
      await expectFoundAndMended(`persona-${ana.id}`, `personas ${ana.id}`, wanted, before);
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('ends early when it is stopped, and says so', async () => {
      const stop = new AbortController();
      const {
        isWhole,
        subjects,
        events: counted,
      } = await verified.verify({
        signal: stop.signal,
        onProgress: async () => {
          stop.abort();
        },
      });
      expect({ isWhole, subjects, counted }).to.deep.equal({ isWhole: false, subjects: 0, counted: 4 });
    });

    it('reports its progress, up to the end', async () => {
      const shares: number[] = [];
      await verified.verify({
        onProgress: async ({ share }) => {
          shares.push(share);
        },
      });
      expect(shares).to.deep.equal([...shares].sort((a, b) => a - b));
      expect(shares.at(-1)).to.equal(1);
    });
  });
}
