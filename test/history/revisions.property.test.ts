import { expect } from 'chai';
import fc from 'fast-check';
import type { Aggregate } from '../../src/domain/aggregate.ts';
import { applyRecorded, NOTHING_LOADED } from '../../src/domain/aggregate.ts';
import { editUser, type EditUserBody } from '../../src/commands/editUser.ts';
import { persona } from '../../src/domain/persona.ts';
import { registerPersona } from '../../src/commands/registerPersona.ts';
import { registerUser } from '../../src/commands/registerUser.ts';
import { revertPersona } from '../../src/commands/revertPersona.ts';
import { revertUser } from '../../src/commands/revertUser.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { user } from '../../src/domain/user.ts';
import { eventsOf } from '../../src/events/eventStore.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { asOf, asOfBoth } from '../../src/history/asOf.ts';
import { diffOf } from '../../src/history/diff.ts';
import { entriesOf } from '../../src/history/subjectEntries.ts';
import { done, openPeople, request, type People } from './support/people.ts';

const word = fc.constantFrom('a', 'b', 'Ñ', '');
const dni = fc.constantFrom('1', '1-', '2', '3');

const somePersonaChanges = fc.record(
  { nombres: fc.constantFrom('Ana', 'Eva'), telefono: fc.option(word), dni, foto_url: fc.constant(null) },
  { requiredKeys: [] },
);

const userBody = {
  dni: 'X1',
  nombre: 'María',
  apellidos: 'R',
  direccion: 'd',
  CP: '1',
  provincia: 'p',
  poblacion: 'p',
  pais: 'p',
  email: 'm@example.com',
  telefono: '1',
  fechaalta: '2024-03-15',
  fechabaja: null,
  formadepago: 'f',
  cuota: 25,
  categoria: 'socio',
  socio: 'Socio',
} satisfies EditUserBody;

const someUserEdit = fc.record({
  direccion: word,
  cuota: fc.constantFrom(0, 25, 30.5),
  categoria: fc.constantFrom('socio', 'admin'),
  fechabaja: fc.option(fc.constantFrom('2024-04-01', '2025-01-01')),
});

describe('The revisions of a person or user', () => {
  let people: People;

  beforeEach(async () => {
    people = await openPeople();
  });

  afterEach(() => people.close());

  const stateAt = async <State>(
    aggregate: Aggregate<State>,
    stream: string,
    revision: number,
  ): Promise<State> => {
    const was = await asOf(people.commands.repository, aggregate, stream, { revision });
    if ('missing' in was) throw new Error(was.missing);
    return was.loaded.state;
  };

  /** A person with a few updates of its own account, some of them of no effect. */
  async function livePersona(updates: object[]): Promise<{ id: number; stream: string; last: number }> {
    const { handle } = people.commands;
    const body = {
      nombres: 'Ana',
      apellidos: 'Ruiz',
      dni: `own-${Math.random()}`,
      cuenta: `${Math.random()}`,
    };
    const born = done(await handle(registerPersona, body, request()));
    const own = request({ actor: { account: body.cuenta, role: 'asistente' } });
    let last = born.revision;
    for (const update of updates) {
      const outcome = await handle(updatePersonaProfile, update, own);
      if (outcome.outcome === 'done') last = outcome.revision;
    }
    return { id: born.id, stream: `persona-${born.id}`, last };
  }

  async function liveUser(edits: object[]): Promise<{ dni: string; stream: string; last: number }> {
    const { handle } = people.commands;
    const own = `dni-${Math.random()}`;
    const born = done(await handle(registerUser, { ...userBody, dni: own, password: '$2b$hash' }, request()));
    let last = born.revision;
    for (const edit of edits) {
      last = done(await handle(editUser, { ...userBody, ...edit, dni: own }, request())).revision;
    }
    return { dni: own, stream: `user-${born.id}`, last };
  }

  /** What a subject's history says it is by now. */
  async function foldedChanges(stream: string): Promise<Record<string, unknown>> {
    const folded: Record<string, unknown> = {};
    for await (const { changes } of entriesOf(people.store, stream, 'asc')) {
      for (const { field, before, after } of changes) {
        if (field in folded) expect(before).to.deep.equal(folded[field]);
        folded[field] = after;
      }
    }
    return folded;
  }

  it('add up to the current document, apart from masked members', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(somePersonaChanges, { maxLength: 6 }),
        fc.array(someUserEdit, { maxLength: 6 }),
        async (updates, edits) => {
          const ana = await livePersona(updates);
          const { id: _id, ...person } = await stateAt<PersonaRecord>(persona, ana.stream, ana.last);
          expect(await foldedChanges(ana.stream)).to.deep.equal(person);
          const maria = await liveUser(edits);
          const { IdUsuario: _user, ...member } = await stateAt<UserRecord>(user, maria.stream, maria.last);
          expect(await foldedChanges(maria.stream)).to.deep.equal({ ...member, password: '***' });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('each equal the fold of the events up to it, by revision and by instant', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(someUserEdit, { maxLength: 6 }), async (edits) => {
        const { stream, last } = await liveUser(edits);
        let folded = { ...NOTHING_LOADED } as Parameters<typeof applyRecorded<UserRecord>>[1];
        for await (const event of eventsOf(people.store, stream)) {
          folded = applyRecorded(user, folded, event);
          expect(await stateAt<UserRecord>(user, stream, event.revision)).to.deep.equal(folded.state);
          const then = Date.parse(event.metadata.occurredAt);
          for (const at of [then, then + 999]) {
            expect(await asOf(people.commands.repository, user, stream, { at })).to.have.nested.property(
              'loaded.revision',
              event.revision,
            );
          }
        }
        expect(folded.revision).to.equal(last);
      }),
      { numRuns: 15 },
    );
  });

  it('are found two at a time, in either order', async () => {
    const pick = fc.nat({ max: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(someUserEdit, { maxLength: 6 }), pick, pick, async (edits, a, b) => {
        const { stream } = await liveUser(edits);
        const { repository } = people.commands;
        const both = await asOfBoth(repository, user, stream, [{ revision: a }, { revision: b }]);
        expect(both).to.deep.equal([
          await asOf(people.commands.repository, user, stream, { revision: a }),
          await asOf(people.commands.repository, user, stream, { revision: b }),
        ]);
      }),
      { numRuns: 15 },
    );
  });

  it('differ by exactly what turns one into the other', async () => {
    const pick = fc.nat({ max: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(someUserEdit, { maxLength: 6 }), pick, pick, async (edits, a, b) => {
        const { stream, last } = await liveUser(edits);
        const before = await stateAt<UserRecord>(user, stream, Math.min(a, last));
        const after = await stateAt<UserRecord>(user, stream, Math.min(b, last));
        const changes = diffOf(before, after);
        const applied = Object.fromEntries(changes.map(({ field, after: value }) => [field, value]));
        expect({ ...before, ...applied }).to.deep.equal(after);
        for (const { field, before: was } of changes) expect(was).to.equal(before[field as keyof UserRecord]);
        expect(diffOf(after, after)).to.deep.equal([]);
      }),
      { numRuns: 25 },
    );
  });

  it('are restored exactly by a revert; a second revert stores no event', async () => {
    const pick = fc.nat({ max: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(somePersonaChanges, { maxLength: 6 }),
        fc.array(someUserEdit, { maxLength: 6 }),
        pick,
        async (updates, edits, n) => {
          const { handle } = people.commands;
          const ana = await livePersona(updates);
          const was = await stateAt<PersonaRecord>(persona, ana.stream, Math.min(n, ana.last));
          const revert = (): Promise<unknown> =>
            handle(revertPersona, { id: ana.id, target: was }, request());
          const back = done(await handle(revertPersona, { id: ana.id, target: was }, request()));
          expect(back.state).to.deep.equal(was);
          expect(await revert()).to.include({ revision: back.revision });

          const maria = await liveUser(edits);
          const then = await stateAt<UserRecord>(user, maria.stream, Math.min(n, maria.last));
          const again = done(await handle(revertUser, { dni: maria.dni, target: then }, request()));
          expect(again.state).to.deep.equal(then);
          // Whoever is left with a DNI of the few would be in the way of the next run.
          await handle(
            updatePersonaProfile,
            { dni: `${ana.id}-done` },
            request({ actor: { account: was.cuenta ?? '', role: 'asistente' } }),
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});
