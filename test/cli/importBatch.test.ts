import { expect } from 'chai';
import { importBatch } from '../../src/cli/import/importBatch.ts';
import type { Importer } from '../../src/commands/handling/importer.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { failureOf } from '../events/contract/steps.ts';
import { maria } from '../support/decisions.ts';

const batchOf = (size: number) =>
  Array.from({ length: size }, (_, index) => ({
    line: index + 1,
    record: { kind: 'persona' as const, record: { ...maria, id: index + 1 } },
  }));

describe('a batch of an import', () => {
  const progressOf = () => ({
    counts: { lines: 0, imported: 0, unchanged: 0, failed: 0 },
    fail: () => undefined,
  });

  it('has at most 250 records under way, whose time starts when their turn comes', async () => {
    let underWay = 0;
    let most = 0;
    const importer: Importer = {
      reserveIds: async () => undefined,
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
    expect(most).to.equal(250);
    expect(progress.counts.imported).to.equal(1_000);
  });

  it('begins no further record once the store does not answer', async () => {
    let begun = 0;
    const importer: Importer = {
      reserveIds: async () => undefined,
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
});
