import { expect } from 'chai';
import { persona, personaCuenta } from '../../src/domain/persona.ts';
import { createRepository } from '../../src/commands/loading/repository.ts';
import type { EventStore, ReadStreamOptions } from '../../src/events/eventStore.ts';
import { event, written } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

describe('A subject that is forgotten', () => {
  /** A store with one person, and what is read of each stream from which revision. */
  async function onePerson() {
    const store = memoryEventStore(memoryLog());
    await testProcess(store).register({ dni: '1', cuenta: 'ana' });
    const reads: string[] = [];
    let meanwhile: () => void = () => undefined;
    const watched: EventStore = {
      ...store,
      async readStream(stream: string, options: ReadStreamOptions) {
        reads.push(`${stream.replace(/-.*/, '')} ${options.from ?? 'end'}`);
        const page = await store.readStream(stream, options);
        if (page.length > 0 && stream === 'persona-1') meanwhile();
        return page;
      },
    };
    return { store: watched, reads, duringTheNextRead: (run: () => void) => (meanwhile = run) };
  }

  it('is not cached again by a load that was under way', async () => {
    const { store, reads, duringTheNextRead } = await onePerson();
    const repository = createRepository(store);
    duringTheNextRead(() => {
      repository.forget('persona-1');
    });
    expect(await repository.fresh(persona, 'persona-1')).to.include({ revision: 0 });
    duringTheNextRead(() => undefined);
    reads.length = 0;
    await repository.seen(persona, 'persona-1');
    expect(reads).to.deep.equal(['persona 0']);
  });

  it('is not cached again by an append that was under way', async () => {
    const { store, reads } = await onePerson();
    const repository = createRepository(store);
    const before = await repository.fresh(persona, 'persona-1');
    repository.forget('persona-1');
    repository.keep('persona-1', { ...before, revision: 1 });
    reads.length = 0;
    await repository.seen(persona, 'persona-1');
    expect(reads).to.deep.equal(['persona 0']);
  });

  it('is cached as erased', async () => {
    const { store, reads } = await onePerson();
    const repository = createRepository(store);
    repository.forget('persona-1');
    await written(store, 'persona-1', 0, [
      event('SubjectErased', { erasure: 'e', key: 'k'.repeat(22), reason: 'a request' }),
    ]);
    expect(await repository.fresh(persona, 'persona-1')).to.include({ erased: true });
    reads.length = 0;
    expect(await repository.seen(persona, 'persona-1')).to.include({ state: null, erased: true });
    expect(reads).to.deep.equal([]);
  });

  it('is not found again by a value whose lookup was under way', async () => {
    const { store, reads, duringTheNextRead } = await onePerson();
    const { lookups } = testProcess(store).commands;
    duringTheNextRead(() => {
      lookups.forget('persona-1');
    });
    await lookups.holder(persona, personaCuenta('ana'), 'seen');
    duringTheNextRead(() => undefined);
    reads.length = 0;
    await lookups.holder(persona, personaCuenta('ana'), 'seen');
    expect(reads.some((read) => read.startsWith('reservation'))).to.equal(true);
  });

  it('is looked up by its reservation again, even by a value that was cached', async () => {
    const { store, reads } = await onePerson();
    const { lookups } = testProcess(store).commands;
    const find = () => lookups.holder(persona, personaCuenta('ana'), 'seen');
    await find();
    reads.length = 0;
    await find();
    expect(reads).to.deep.equal([]);
    lookups.forget('persona-1');
    await find();
    expect(reads.filter((read) => read.startsWith('reservation'))).to.have.lengthOf(1);
  });
});
