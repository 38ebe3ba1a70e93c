import { expect } from 'chai';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { NO_REVISION, type RecordedEvent } from '../../src/events/eventStore.ts';
import { NO_SKIPS } from '../../src/events/bookkeeping/skips.ts';
import { SKIPS_STREAM } from '../../src/events/streams.ts';
import { documentBulkFold, type BulkFold } from '../../src/projections/folding/bulkFold.ts';
import type { Leases } from '../../src/platform/lease.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { memoryReadModel, memoryViews } from '../support/memoryReadModel.ts';
import { testProcess } from '../support/processes.ts';

const ID = 'b0a3c8a8-0f1f-4f5c-9a39-0d4b54c7d0a1';

describe('A builder that is behind another builder of the same generation', () => {
  it('takes nothing away from what the other one stored when it meets a skip', async () => {
    const store = memoryEventStore(memoryLog());
    const viewStore = await memoryReadModel(memoryViews(), { leases: {} as Leases }).open(personas, 1);
    const people = testProcess(store);
    await people.register({ cuenta: 'ana' });
    await people.update('ana', { telefono: '600' });
    await people.update('ana', { telefono: '700' });
    const own = (await store.readAll(null, 100)).filter(({ stream }) => stream.startsWith('persona-'));
    const { stream, position } = own.at(-1)!;
    const builder = (): BulkFold =>
      documentBulkFold(personas, { viewStore, store, skips: NO_SKIPS }, { documents: 10, atOnce: 10 });

    const [late, other] = [builder(), builder()];
    await late.add(own.slice(0, 2));
    await other.add(own);
    await other.flush(null, { position, event: null });

    const data = { view: personas.name, subject: stream, revision: 1, reason: 'a mistake' };
    const skip = newEvent(ID, { type: 'EventSkipped', data }, systemOrigin(ID), new Date().toISOString());
    await store.append([{ stream: SKIPS_STREAM, expected: NO_REVISION, events: [skip] }]);
    const skips: RecordedEvent[] = await store.readStream(SKIPS_STREAM, { limit: 1 });
    await late.add(skips);

    const [stored] = await viewStore.load([Number(stream.slice('persona-'.length))]);
    expect(stored).to.include({ revision: 2 });
  });
});
