import type { Position } from '../events/eventStore.ts';
import { rowAt, type Row } from '../projections/ports/rows.ts';
import type { RowView } from '../projections/ports/view.ts';
import { compareRow, compareRows, type RowFindings } from './compareRows.ts';
import type { Finding } from '../projections/folding/differentMembers.ts';
import { logStretches, type LogStretch } from './logStretches.ts';
import { currentGeneration } from './currentGeneration.ts';
import { pendingErasures } from './pendingErasures.ts';
import { inIndex, type Verification } from './verification.ts';

/** Rows per page beyond the verified head, which the view keeps writing. */
const PAGE = 500;
/** Attempts to repair a row whose event is erased meanwhile. */
const MAX_TRIES = 3;

/** The verification of one insert-only view along the log. */
export interface RowVerification {
  /** Compares the rows of a stretch that the view has applied. */
  add(stretch: LogStretch): Promise<void>;
  /**
   * Compares the rows after `upTo`, the end of the last stretch: rows further ahead must be right
   * too.
   */
  finish(upTo: Position): Promise<void>;
}

export function verifyRows(view: RowView, verification: Verification): RowVerification {
  const { store, readModel, signal, repair } = verification;
  const reader = readModel.shownRows(view);
  const erasures = pendingErasures(store);
  let expectedEntries = 0;
  let hasUnexpectedRow = false;

  async function report(different: readonly RowFindings[]): Promise<void> {
    for (const one of different) {
      const reached = await reader.checkpoint();
      // Checks again: a row that was just being written is not a difference, nor is one that the view
      // has yet to redact.
      const findings = await recheck(one);
      if (findings.length === 0 || (await erasures.isAfter(reached, one.subject))) continue;
      hasUnexpectedRow ||= one.expected === null;
      const repaired = repair ? await repairOne(one) : null;
      await verification.report(findings, {
        projection: view.name,
        subject: one.subject,
        revision: one.revision,
        position: String(one.position),
        repaired,
      });
    }
  }

  async function repairOne(one: RowFindings): Promise<boolean> {
    const current = await currentGeneration(readModel.controls, view);
    const rows = await readModel.openRows(view, current, { mustExist: true });
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await rows.repair(one.position, await expectedNow(one));
      // With the event as it is after the write: an erasure in between must not leave its data here.
      if ((await recheck(one)).length === 0) return true;
    }
    return false;
  }

  /** Reads the row before its event, so that the event is never older. */
  async function recheck(one: RowFindings): Promise<Finding[]> {
    const found = await rowAt(reader, one.position);
    const expected = await expectedNow(one);
    const findings = compareRow(expected, found);
    if (findings.length > 0 || !expected) return findings;
    return (await reader.misplaced([expected])).length === 0 ? [] : [inIndex('different')];
  }

  /**
   * The row of the event as it can be read now: its subject may have been erased meanwhile, elsewhere
   * too. Reading the erasure first drops the key that this process may have.
   */
  async function expectedNow({ expected, subject, revision }: RowFindings): Promise<Row | null> {
    if (!expected || revision === null) return null;
    await erasures.positionOf(subject);
    const [event] = await store.readStream(subject, { from: revision, limit: 1 });
    return event ? view.rowOf(event) : expected;
  }

  /**
   * Called after missing entries were reported: any entry beyond the expected number finds a row by
   * a key that the row does not have. Unexpected rows have entries too and are reported on their
   * own.
   */
  async function reportSurplus(upTo: Position): Promise<void> {
    if (hasUnexpectedRow) return;
    if (!(await hasSurplus(upTo)) || (await erasures.areAnyAfter(await reader.checkpoint()))) return;
    // Again, because the view may have reached the last erasure since the count.
    if (!(await hasSurplus(upTo)) || signal.aborted) return;
    await verification.report([inIndex('unexpected')], {
      projection: view.name,
      subject: view.name,
      revision: null,
      position: null,
      // Which entries is unknown; a rebuild writes the index from scratch.
      repaired: repair ? false : null,
    });
  }

  async function hasSurplus(upTo: Position): Promise<boolean> {
    const entries = await reader.countEntries(upTo);
    return entries !== null && entries > expectedEntries;
  }

  return {
    async add(stretch) {
      erasures.note(stretch.events);
      for (const event of stretch.events) expectedEntries += view.rowOf(event)?.keys.length ?? 0;
      await report(await compareRows(view, reader, stretch, true));
    },

    async finish(upTo) {
      await reportSurplus(upTo);
      for (let from = upTo; !signal.aborted;) {
        const page = await reader.scan({ after: from, limit: PAGE });
        const last = page.at(-1);
        if (!last) return;
        // Read after the page: the row of any existing event is at or below the head.
        const head = (await store.head()) ?? 0n;
        const to = last.position < head ? last.position : head;
        if (to > from) {
          const { prefixes } = view;
          for await (const stretch of logStretches(store, { prefixes, from, upTo: to, signal })) {
            await report(await compareRows(view, reader, stretch, false));
          }
        }
        if (to < last.position) {
          const beyond = { events: [], from: to > from ? to : from, to: last.position };
          await report(await compareRows(view, reader, beyond, false));
        }
        if (page.length < PAGE) return;
        from = last.position;
      }
    },
  };
}
