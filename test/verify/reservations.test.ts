import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { personaCuenta, personaDni } from '../../src/domain/persona.ts';
import type { UniqueValue } from '../../src/domain/aggregate.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { lastEventOf, NO_REVISION } from '../../src/events/eventStore.ts';
import { hmacOf } from '../../src/events/identifiers.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { reservationStream, subjectStream } from '../../src/events/streams.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { aPersona, personaBody } from '../support/people.ts';
import { codeOf, TEST_KEY } from '../support/processes.ts';
import { registerPersona } from '../../src/commands/registerPersona.ts';
import { by, EVENT_STORES, MAX_MS, openVerified, type Verified } from './support/verified.ts';

const NOW = '2026-03-01T10:00:00.000Z';

for (const events of EVENT_STORES) {
  describe(`Verifying who holds which unique value (events: ${events})`, function () {
    this.timeout(MAX_MS);
    let verified: Verified;
    let ana: PersonaRecord & { cuenta: string };
    let ben: PersonaRecord & { cuenta: string };
    /** Runs once before the next look at a reservation. */
    let meanwhile: (() => Promise<void>) | null = null;
    beforeEach(async () => {
      verified = await openVerified({
        events,
        aroundStore: (store) => ({
          ...store,
          async readStream(stream, options) {
            const act = stream.startsWith('reservation-') ? meanwhile : null;
            if (act) meanwhile = null;
            await act?.();
            return store.readStream(stream, options);
          },
        }),
      });
      ana = await aPersona(verified);
      ben = await aPersona(verified);
    });
    afterEach(() => verified.close());

    /** Appends a claim past the rules. */
    async function claim({ space, value }: UniqueValue, owner: string, revision: number): Promise<void> {
      const stream = reservationStream(hmacOf(TEST_KEY, space, value));
      const expected = (await lastEventOf(verified.store, stream))?.revision ?? NO_REVISION;
      const data = { owner, revision };
      const event = newEvent(randomUUID(), { type: 'ValueClaimed', data }, systemOrigin('test'), NOW);
      await verified.store.append([{ stream, expected, events: [event] }]);
    }
    /** A person that no claim was made for. */
    async function appendPersona(record: PersonaRecord): Promise<void> {
      const event = newEvent(
        randomUUID(),
        { type: 'PersonaRegistered', data: record },
        systemOrigin('test'),
        NOW,
      );
      await verified.store.append([
        { stream: subjectStream('persona', record.id), expected: NO_REVISION, events: [event] },
      ]);
    }
    const nameOf = ({ id }: PersonaRecord): string => `persona-${id}`;
    const reservation = (subject: string, member: string) => ({
      projection: null,
      subject,
      member,
      problem: 'reservation',
    });

    it('a value whose last claim had no effect is claimed again for its holder', async () => {
      await claim(personaDni(ana.dni), nameOf(ben), 0);
      const { told, found } = await verified.verify();
      expect(told).to.deep.equal([reservation(nameOf(ana), 'dni')]);
      expect(found[0]).to.include({ claimant: nameOf(ben), repaired: null });

      const { found: repaired } = await verified.verify({ repair: true });
      expect(repaired).to.have.lengthOf(1);
      expect(repaired[0]).to.include({ repaired: true });
      expect((await verified.verify()).told).to.deep.equal([]);
      const challenge = await verified.commands.handle(
        registerPersona,
        personaBody({ dni: ana.dni }),
        by('admin'),
      );
      expect(codeOf(challenge)).to.equal('taken');
    });

    it('a value that was never claimed is claimed for its holder', async () => {
      const eva = { ...ana, id: 70, dni: '70', cuenta: 'eva' };
      await appendPersona(eva);
      const { found } = await verified.verify({ repair: true });
      expect(
        found.map(({ subject, member, claimant, repaired }) => ({ subject, member, claimant, repaired })),
      ).to.deep.equal([
        { subject: 'persona-70', member: 'dni', claimant: null, repaired: true },
        { subject: 'persona-70', member: 'cuenta', claimant: null, repaired: true },
      ]);
      expect((await verified.verify()).told).to.deep.equal([]);
    });

    it('another subject’s claim in flight is fenced before the holder claims again', async () => {
      await claim(personaCuenta(ana.cuenta), 'persona-70', 0);
      const { found } = await verified.verify({ repair: true });
      expect(found.map(({ member, repaired }) => ({ member, repaired }))).to.deep.equal([
        { member: 'cuenta', repaired: true },
      ]);
      const fenced = await lastEventOf(verified.store, 'persona-70');
      expect(fenced?.type).to.equal('ReservationLapsed');
      expect((await verified.verify()).told).to.deep.equal([]);
    });

    it('of two holders of a value, the one without the last claim is reported, and nothing is repaired', async () => {
      await appendPersona({ ...ana, id: 70, cuenta: null });
      await claim(personaDni(ana.dni), 'persona-70', 0);
      for (const repair of [false, true]) {
        const { told, found } = await verified.verify({ repair });
        expect(told).to.deep.equal([reservation(nameOf(ana), 'dni')]);
        expect(found[0]).to.include({ claimant: 'persona-70', repaired: repair ? false : null });
      }
    });

    it('a value that was given up and claimed by another is no difference', async () => {
      await verified.commands.handle(updatePersonaProfile, { dni: '9' }, by(ana.cuenta));
      await aPersona(verified, { dni: ana.dni });
      await verified.commands.handle(updatePersonaProfile, { dni: '10' }, by(ben.cuenta));
      expect((await verified.verify()).told).to.deep.equal([]);
    });

    it('a value that changes hands between two reads is no difference', async () => {
      await verified.level();
      let happened = false;
      meanwhile = async () => {
        await verified.commands.handle(updatePersonaProfile, { dni: '9' }, by(ana.cuenta));
        await aPersona(verified, { dni: ana.dni });
        happened = true;
      };
      expect((await verified.verify()).told).to.deep.equal([]);
      expect(happened).to.equal(true);
    });
  });
}
