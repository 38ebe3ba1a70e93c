import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeout as rest } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../../src/platform/clock.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { maintainViews } from '../../src/projections/maintaining/maintainViews.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { projectedViews } from '../../src/projections/views/allViews.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { by, EVENT_STORES, MAX_MS, openVerified, REST_MS, type Verified } from './support/verified.ts';

interface Act {
  kind: 'register' | 'profile' | 'dni' | 'user' | 'edit' | 'remove';
  who: number;
  n: number;
}

const acts = fc.array(
  fc.record<Act>({
    kind: fc.constantFrom('register', 'profile', 'dni', 'dni', 'user', 'edit', 'remove'),
    who: fc.nat(5),
    n: fc.nat(3),
  }),
  { minLength: 20, maxLength: 60 },
);

/** Somebody who keeps doing these things until told to stop. */
async function write(verified: Verified, todo: readonly Act[], signal: AbortSignal): Promise<number> {
  const people = [await aPersona(verified), await aPersona(verified)];
  const members: UserRecord[] = [await aUser(verified)];
  let done = 0;
  for (let next = 0; !signal.aborted; next += 1) {
    const { kind, who, n } = todo[next % todo.length]!;
    const { cuenta } = people[who % people.length]!;
    const member = members[who % members.length]!;
    const { commands } = verified;
    if (kind === 'register' && people.length < 40) people.push(await aPersona(verified));
    // A few values that all want: some are refused, the others move from one to the next.
    if (kind === 'dni') await commands.handle(updatePersonaProfile, { dni: `DNI${n}` }, by(cuenta));
    if (kind === 'profile') await commands.handle(updatePersonaProfile, { telefono: `60${n}` }, by(cuenta));
    if (kind === 'user' && members.length < 40) members.push(await aUser(verified));
    if (kind === 'edit') await commands.handle(editUser, editOf(member, { cuota: n }), by('admin'));
    if (kind === 'remove') await commands.handle(removeUser, { dni: member.dni }, by('admin'));
    done += 1;
    await rest(REST_MS);
  }
  return done;
}

for (const events of EVENT_STORES) {
  describe(`A verification during concurrent writes (events: ${events})`, function () {
    this.timeout(5 * MAX_MS);

    it('finds the tampered data and nothing else', async () => {
      let written = 0;
      await fc.assert(
        fc.asyncProperty(acts, acts, fc.boolean(), async (ones, others, repair) => {
          const verified = await openVerified({ events });
          const { store, readModel, views } = verified;
          const still = await aPersona(verified);
          const upTo = await verified.level();
          const kept = maintainViews({
            views: projectedViews(views),
            readModel,
            store,
            clock: systemClock,
            logger: pino({ level: 'silent' }),
          });
          const stop = new AbortController();
          const writers = [write(verified, ones, stop.signal), write(verified, others, stop.signal)];
          try {
            for (let runs = 0; runs < 4; runs += 1) {
              expect((await verified.verify({ upTo })).told).to.deep.equal([]);
              expect((await verified.verify()).told, 'level with a head that is gone by').to.deep.equal([]);
            }
            await verified.tamper(personas, still.id, (document) => ({ ...document, search: '' }));
            const told = [
              {
                projection: 'personas',
                subject: `persona-${still.id}`,
                member: 'search',
                problem: 'different',
              },
            ];
            expect((await verified.verify({ repair })).told).to.deep.equal(told);
            expect((await verified.verify()).told).to.deep.equal(repair ? [] : told);
          } finally {
            stop.abort();
            for (const done of await Promise.all(writers)) written += done;
            await kept.stop();
            await verified.close();
          }
        }),
        { numRuns: Number(process.env['VERIFY_RUNS'] ?? 4) },
      );
      expect(written).to.be.greaterThan(10);
    });
  });
}
