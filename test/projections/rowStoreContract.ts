import type { RowStore } from '../../src/projections/ports/rows.ts';
import type { ReadModelUnderTest } from './contract/examples.ts';
import { FACTS, type OpenedRows } from './contract/rowExamples.ts';
import { rowErasureRules } from './contract/rowErasures.ts';
import { rowProperties } from './contract/rowProperties.ts';
import { rowRules } from './contract/rows.ts';
import { fillRules, rowRepairRules, rowScanRules } from './contract/rowsFilled.ts';

/** The rules of the RowStore port, to be run against every adapter. */
export function describeRowStoreContract(
  name: string,
  open: () => Promise<ReadModelUnderTest>,
  { runs = 30 } = {},
): void {
  describe(`Rows on ${name}`, () => {
    let storage: ReadModelUnderTest;
    let rows: RowStore;
    const opened: OpenedRows = { storage: () => storage, rows: () => rows, runs };

    beforeEach(async () => {
      storage = await open();
      rows = await storage.readModel.openRows(FACTS, 1);
      await rows.seal();
    });
    afterEach(() => storage.close());

    rowRules(opened);
    describe('written in bulk', () => {
      fillRules(opened);
    });
    describe('in a scan', () => {
      rowScanRules(opened);
    });
    describe('when repaired', () => {
      rowRepairRules(opened);
    });
    describe('when erased', () => {
      rowErasureRules(opened);
    });
    describe('with random contents', () => {
      rowProperties(opened);
    });
  });
}
