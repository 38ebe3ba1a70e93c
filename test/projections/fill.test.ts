import { expect } from 'chai';
import type { EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import { buildGeneration, type BuildProgress } from '../../src/projections/rebuild/buildGeneration.ts';
import { BULK_FOLD_LIMITS, type BulkFold } from '../../src/projections/folding/bulkFold.ts';
import type { Projection } from '../../src/projections/folding/projection.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { SealOptions } from '../../src/projections/ports/documents.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

const LIMITS = { ...BULK_FOLD_LIMITS, page: 5 };

describe('Building a generation', () => {
  let log: MemoryLog;
  let store: EventStore;
  let leaving: AbortController;
  let stored: Checkpoint | null;
  let written: bigint[];
  let held: bigint[];
  let isRefused: boolean;
  let seals: number;
  let seal: (options: SealOptions) => Promise<void>;
  let progress: BuildProgress[];

  beforeEach(async () => {
    log = memoryLog();
    store = memoryEventStore(log);
    leaving = new AbortController();
    [stored, written, held, progress] = [null, [], [], []];
    isRefused = false;
    seals = 0;
    seal = async () => undefined;
    const people = testProcess(store);
    for (let i = 0; i < 5; i += 1) await people.register({ dni: `D${i}`, cuenta: `c${i}` });
  });
  afterEach(() => {
    leaving.abort();
  });

  const filling = (): BulkFold => ({
    async add(events: readonly RecordedEvent[]) {
      held.push(...events.map(({ position }) => position));
    },
    isFull: () => true,
    async flush(from, to) {
      if (isRefused || from?.position !== stored?.position) return 'refused';
      written.push(...held);
      held = [];
      stored = to;
      return 'written';
    },
    async seal(options = {}) {
      seals += 1;
      await seal(options);
    },
  });
  const fill = (over: Partial<EventStore> = {}): Promise<void> =>
    buildGeneration({
      projection: {
        name: 'personas',
        prefixes: ['persona-'],
        checkpoint: async () => stored,
        settle: async () => undefined,
        filling,
        apply: () => {
          throw new Error('a filling applies no batch');
        },
      } satisfies Projection,
      limits: LIMITS,
      store: { ...store, ...over },
      signal: leaving.signal,
      onProgress: (one) => progress.push(one),
    });
  const ofPersons = (): bigint[] =>
    log.events.filter(({ stream }) => stream.startsWith('persona-')).map(({ position }) => position);

  it('writes every event once, then seals the result', async () => {
    await fill();
    expect(written).to.deep.equal(ofPersons());
    expect(stored?.position).to.equal(log.events.at(-1)?.position);
    expect(seals).to.equal(1);
  });

  it('does not seal a partial result when the job is paused or cancelled', async () => {
    await fill({
      async *subscribe(options) {
        for await (const batch of store.subscribe(options)) {
          yield batch;
          leaving.abort();
        }
      },
    });
    expect(stored?.position).to.equal(5n);
    expect(seals).to.equal(0);
  });

  it('discards what it read if another process has moved the checkpoint, and reads it again', async () => {
    isRefused = true;
    expect(await fill().catch((error: unknown) => error)).to.be.instanceOf(ReadModelError);
    expect([seals, written.length]).to.deep.equal([0, 0]);
    held = [];
    isRefused = false;
    await fill();
    expect(written).to.deep.equal(ofPersons());
  });

  it('continues from its checkpoint after a crash', async () => {
    const at = log.events[7]!;
    stored = { position: at.position, event: { position: at.position, id: at.id } };
    await fill();
    expect(written).to.deep.equal(ofPersons().filter((position) => position > at.position));
  });

  it('counts the sealing as progress, and passes the signal to it', async () => {
    seal = async ({ signal, onProgress }) => {
      expect(signal).to.equal(leaving.signal);
      onProgress?.(0.5);
      onProgress?.(1);
    };
    await fill();
    const last = progress.filter(({ sealed }) => sealed !== undefined);
    const { events, position } = progress.at(-1)!;
    expect(last).to.deep.equal([
      { events, position, sealed: 0.5 },
      { events, position, sealed: 1 },
    ]);
    expect(position).to.equal(log.events.at(-1)?.position);
  });
});
