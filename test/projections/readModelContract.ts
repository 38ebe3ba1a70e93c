import type { ViewStore } from '../../src/projections/ports/documents.ts';
import { checkpointRules, repeatRules } from './contract/checkpoints.ts';
import { controlRules } from './contract/controls.ts';
import { standingRules, versionRules } from './contract/guardedControls.ts';
import { documentErasureRules } from './contract/erasures.ts';
import { bigBatchRules, documentRules, removalRules } from './contract/documents.ts';
import { PEOPLE, type OpenedView, type ReadModelUnderTest } from './contract/examples.ts';
import { generationRules } from './contract/generations.ts';
import { lookupRules } from './contract/lookups.ts';
import { pageRules } from './contract/pages.ts';
import { parkedRules, scanRules } from './contract/parked.ts';
import { putRules, repairRules } from './contract/repairs.ts';
import { shownRules } from './contract/shown.ts';
import { viewRules } from './contract/views.ts';

const RULES: [about: string, rules: (opened: OpenedView) => void][] = [
  ['documents', documentRules],
  ['a removed subject', removalRules],
  ['parked documents', parkedRules],
  ['a lookup', lookupRules],
  ['a scan', scanRules],
  ['putting documents', putRules],
  ['a repair', repairRules],
  ['an erasure', documentErasureRules],
  ['the checkpoint', checkpointRules],
  ['a repeated batch', repeatRules],
  ['a page', pageRules],
  ['views', viewRules],
  ['view records', controlRules],
  ['a view record with an expected checkpoint', standingRules],
  ['versions that have a view record', versionRules],
  ['generations', generationRules],
  ['the current view', shownRules],
];

/** The rules of the ReadModel port, to be run against every adapter. `open` is called once per test. */
export function describeReadModelContract(name: string, open: () => Promise<ReadModelUnderTest>): void {
  describe(`The read model on ${name}`, () => {
    let storage: ReadModelUnderTest;
    let view: ViewStore;
    const opened: OpenedView = { storage: () => storage, view: () => view };

    beforeEach(async () => {
      storage = await open();
      view = await storage.readModel.open(PEOPLE, 1);
    });
    afterEach(() => storage.close());

    for (const [about, rules] of RULES) {
      describe(about, () => {
        rules(opened);
      });
    }
    bigBatchRules(opened);
  });
}
