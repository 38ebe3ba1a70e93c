import { expect } from 'chai';
import { importBatch, type ReadyLine } from '../../src/imports/run/importBatch.ts';
import type { Importer } from '../../src/commands/handling/importer.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { failureOf } from '../events/contract/steps.ts';
import { maria } from '../support/decisions.ts';

const batchOf = (size: number) =>
  Array.from({ length: size }, (_, index) => ({
    line: index + 1,
    record: { kind: 'persona' as const, record: { ...maria, id: index + 1, dni: `P${index}`, cuenta: null } },
  }));

describe('A batch of an import', () => {
  const progressOf = () => ({
    counts: noCounts(),
    fail: () => undefined,
  });

  for (const [whose, atOnce] of [
    ['250', null],
    ['as many as the importer allows', 40],
  ] as const) {
    it(`has at most ${whose} records in progress, each with a deadline from its own start`, async () => {
      let underWay = 0;
      let most = 0;
      const importer: Importer = {
        reserveIds: async () => undefined,
        reservedUpTo: async () => 0,
        prepareKeys: async () => undefined,
        ...(atOnce === null ? {} : { atOnce }),
        async importRecord() {
          underWay += 1;
          most = Math.max(most, underWay);
          await new Promise(setImmediate);
          underWay -= 1;
          return 'imported';
        },
      };
      const progress = progressOf();
      await importBatch(importer, batchOf(1_000), progress);
      expect(most).to.equal(atOnce ?? 250);
      expect(progress.counts.imported).to.equal(1_000);
    });
  }

  it('asks for the keys of all its ids together, before the first record', async () => {
    const asked: (readonly number[])[] = [];
    const importer: Importer = {
      reserveIds: async () => undefined,
      reservedUpTo: async () => 0,
      prepareKeys: async (_, ids) => void asked.push(ids),
      async importRecord() {
        expect(asked).to.have.length(1);
        return 'imported';
      },
    };
    await importBatch(importer, batchOf(3), progressOf());
    expect(asked).to.deep.equal([[1, 2, 3]]);
  });

  it('counts new people whose DNI has seven digits, however it is spelled', async () => {
    const importer: Importer = {
      reserveIds: async () => undefined,
      reservedUpTo: async () => 0,
      prepareKeys: async () => undefined,
      importRecord: async () => 'imported',
    };
    const dnis = ['1234567L', '1234567-l', '1.234.567', '1234567', '01234567L', '12345678', 'X1234567L'];
    const batch = batchOf(dnis.length).map(({ line, record: { kind, record } }, index) => ({
      line,
      record: { kind, record: { ...record, dni: dnis[index] ?? '' } },
    }));
    const progress = progressOf();
    await importBatch(importer, batch, progress);
    expect(progress.counts.suspicious.shortDnis).to.equal(4);
  });

  it('starts no further record once the store does not answer', async () => {
    let begun = 0;
    const importer: Importer = {
      reserveIds: async () => undefined,
      reservedUpTo: async () => 0,
      prepareKeys: async () => undefined,
      async importRecord() {
        begun += 1;
        await new Promise(setImmediate);
        throw new EventStoreError('no answer', { outcomeUnknown: true });
      },
    };
    expect(await failureOf(importBatch(importer, batchOf(1_000), progressOf()))).to.be.instanceOf(
      EventStoreError,
    );
    expect(begun).to.equal(250);
  });

  it('imports lines that share an id or a DNI in the order of the file', async () => {
    const order: number[] = [];
    const importer: Importer = {
      reserveIds: async () => undefined,
      reservedUpTo: async () => 0,
      prepareKeys: async () => undefined,
      async importRecord({ record }) {
        // Later lines would overtake earlier ones.
        const id = 'id' in record ? (record.id ?? 0) : 0;
        for (let ticks = 0; ticks < 10 - id; ticks += 1) await new Promise(setImmediate);
        order.push(id);
        return 'imported';
      },
    };
    const line = (number: number, id: number, dni: string): ReadyLine => ({
      line: number,
      record: { kind: 'persona', record: { ...maria, cuenta: null, id, dni } },
    });
    await importBatch(
      importer,
      [line(1, 1, 'A'), line(2, 2, 'a'), line(3, 3, 'C'), line(4, 2, 'D')],
      progressOf(),
    );
    expect(order).to.deep.equal([3, 1, 2, 2]);
  });
});
