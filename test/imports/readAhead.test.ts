import { expect } from 'chai';
import type { Importer } from '../../src/commands/handling/importer.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { ListError } from '../../src/imports/list/listError.ts';
import type { ListLine } from '../../src/imports/list/listLine.ts';
import type { List } from '../../src/imports/reading/readList.ts';
import { reason } from '../../src/imports/reasons/reason.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { importList } from '../../src/imports/run/importList.ts';
import { failureOf } from '../events/contract/steps.ts';
import { deferred } from '../support/deferred.ts';
import { SOCIA_RECORD } from '../support/people.ts';

const personAt = (line: number): ListLine => ({
  line,
  members: { ...SOCIA_RECORD, IdUsuario: line, dni: `${String(10_000_000 + line)}X` },
});

const listOf = (lines: AsyncGenerator<ListLine>): List => ({
  format: 'ndjson',
  kind: () => 'users',
  encoding: () => null,
  lines,
});

async function* people(count: number, end?: () => Promise<void>): AsyncGenerator<ListLine> {
  for (let line = 1; line <= count; line += 1) yield personAt(line);
  await end?.();
}

describe('A list that is read ahead while it is imported', () => {
  let stored: number[];
  let prepared: (readonly number[])[];
  let importer: Importer;
  const report = () => ({ counts: noCounts(), fail: () => undefined });
  const { signal } = new AbortController();

  beforeEach(() => {
    stored = [];
    prepared = [];
    importer = {
      reserveIds: async () => undefined,
      reservedUpTo: async () => 0,
      prepareKeys: async (_, ids) => void prepared.push(ids),
      async importRecord({ record }) {
        stored.push('IdUsuario' in record ? (record.IdUsuario ?? 0) : 0);
        return 'imported';
      },
    };
  });

  it('has the keys of its next two batches made while one is imported', async () => {
    const seen: number[] = [];
    const watched: Importer = {
      ...importer,
      async importRecord(one) {
        await new Promise(setImmediate);
        seen.push(prepared.length);
        return importer.importRecord(one);
      },
    };
    await importList({ list: listOf(people(8)), importer: watched, report: report(), signal, batchSize: 2 });
    expect(seen).to.deep.equal([3, 3, 4, 4, 4, 4, 4, 4]);
    expect(stored).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('stores a batch although the next one does not arrive', async () => {
    let arrive: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (arrive = resolve));
    const list = listOf(people(3, () => waiting));
    const running = importList({ list, importer, report: report(), signal, batchSize: 2 });
    while (stored.length < 2) await new Promise(setImmediate);
    expect(stored).to.deep.equal([1, 2]);
    arrive();
    expect(await running).to.equal(true);
    expect(stored).to.deep.equal([1, 2, 3]);
  });

  it('stores the full batches before the line that makes it unusable', async () => {
    const list = listOf(people(5, () => Promise.reject(new ListError(reason('kind-of-members')))));
    const failure = await failureOf(importList({ list, importer, report: report(), signal, batchSize: 2 }));
    expect(failure).to.be.instanceOf(ListError);
    expect(stored).to.deep.equal([1, 2, 3, 4]);
  });

  it('neither stores nor counts what it has read ahead when it is stopped', async () => {
    const stopping = new AbortController();
    const counted = report();
    const shares: (number | null)[] = [];
    let reads = 0;
    const isWhole = await importList({
      list: listOf(people(6)),
      importer,
      report: counted,
      signal: stopping.signal,
      batchSize: 2,
      readShare: () => (reads += 1),
      onBatch(share) {
        shares.push(share);
        stopping.abort();
      },
    });
    expect(isWhole).to.equal(false);
    expect(shares).to.deep.equal([1, 1]);
    expect(stored).to.deep.equal([1, 2]);
    expect(counted.counts.lines).to.equal(2);
  });

  it('ends with the failure of the store, once no more keys are being made, and begins no further batch', async () => {
    const keys = deferred();
    const broken: Importer = {
      ...importer,
      async prepareKeys(_, ids) {
        prepared.push(ids);
        if (prepared.length === 2) await keys.promise;
      },
      importRecord: () => Promise.reject(new EventStoreError('away', { outcomeUnknown: false })),
    };
    const list = listOf(people(6));
    let hasEnded = false;
    const failure = failureOf(
      importList({ list, importer: broken, report: report(), signal, batchSize: 2 }),
    ).finally(() => (hasEnded = true));
    while (prepared.length < 2) await new Promise(setImmediate);
    for (let n = 0; n < 5; n += 1) await new Promise(setImmediate);
    expect(hasEnded).to.equal(false);
    keys.resolve();
    expect(await failure).to.be.instanceOf(EventStoreError);
    expect(prepared).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
  });

  it('reports how much of its source it has imported, not how much it has read', async () => {
    let read = 0;
    const lines = (async function* () {
      for await (const line of people(10)) {
        read += 1;
        yield line;
      }
    })();
    const shares: (number | null)[] = [];
    await importList({
      list: listOf(lines),
      importer,
      report: report(),
      signal,
      batchSize: 2,
      readShare: () => read / 10,
      onBatch: (share) => void shares.push(share),
    });
    expect(shares).to.deep.equal([0.2, 0.4, 0.6, 0.8, 1, 1]);
  });

  it('reports that it has read a list without lines', async () => {
    const shares: (number | null)[] = [];
    await importList({
      list: listOf(people(0)),
      importer,
      report: report(),
      signal,
      readShare: () => 1,
      onBatch: (share) => void shares.push(share),
    });
    expect(shares).to.deep.equal([1]);
  });
});
