import { expect } from 'chai';
import { createRepository } from '../../../src/commands/loading/repository.ts';
import { persona } from '../../../src/domain/persona.ts';
import { eventsOf, type EventStore } from '../../../src/events/eventStore.ts';
import { subjectOf } from '../../../src/events/streams.ts';
import { eventually } from '../../support/eventually.ts';
import type { Instance } from '../../support/instance.ts';
import type { PacedLoad } from './pacedLoad.ts';
import { admin } from './requests.ts';

/** Expects that every instance lists the persons exactly as their streams say. */
export async function expectListsEqualTheFold(
  store: EventStore,
  instances: readonly Instance[],
): Promise<void> {
  const headers = { 'x-padron-position': String(await store.head()) };
  const expected = await folded(store);
  for (const instance of instances) {
    const list = await eventually('the list is caught up', async () => {
      const reply = await instance.send('GET', '/api/personas?limit=1000', { token: admin, headers });
      return reply.headers.get('x-padron-behind') === null && reply;
    });
    expect((list.body as { personas: object[] }).personas).to.deep.equal(expected);
  }
}

async function folded(store: EventStore): Promise<object[]> {
  const repository = createRepository(store);
  const ids = new Set<number>();
  for (const { stream } of await store.readAll(null, 1_000_000)) {
    const subject = subjectOf(stream);
    if (subject?.kind === 'persona') ids.add(subject.id);
  }
  const states = await Promise.all(
    [...ids].map(async (id) => (await repository.fresh(persona, `persona-${id}`)).state),
  );
  return states
    .filter((state) => state !== null)
    .sort((a, b) => a.id - b.id)
    .map(({ cuenta: _cuenta, ...shown }) => shown);
}

/** Expects that each acknowledged write is stored, and that no write is stored twice. */
export async function expectNothingLost(
  store: EventStore,
  { people, acknowledged }: PacedLoad,
): Promise<void> {
  for (const { id } of people) {
    const stored: string[] = [];
    for await (const { data } of eventsOf(store, `persona-${id}`)) {
      const { changes } = data as { changes?: { telefono?: { to: string } } };
      if (changes?.telefono) stored.push(changes.telefono.to);
    }
    expect(new Set(stored).size, 'nothing is applied twice').to.equal(stored.length);
    expect(stored, 'no acknowledged write is lost').to.include.members([...acknowledged.get(id)!]);
    expect(acknowledged.get(id)).to.have.length.greaterThan(5);
  }
}
