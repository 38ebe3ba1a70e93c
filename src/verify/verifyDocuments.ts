import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Loaded } from '../domain/aggregate.ts';
import { NO_REVISION } from '../events/eventStore.ts';
import { subjectOf, subjectStream } from '../events/streams.ts';
import type { ViewDocument } from '../projections/ports/documents.ts';
import { readSkips, type Skips } from '../events/bookkeeping/skips.ts';
import type { DocumentView } from '../projections/ports/view.ts';
import { compareDocument } from './compareDocument.ts';
import type { Finding } from '../projections/folding/differentMembers.ts';
import { foldSubject, type SubjectFold } from './foldSubject.ts';
import { claimAgain, unclaimedValues, type HeldValuesDependencies } from './heldValues.ts';
import { inParallel } from '../platform/concurrency/inParallel.ts';
import { repairDocument } from '../projections/folding/repairDocument.ts';
import { currentGeneration } from './currentGeneration.ts';
import { inIndex, type Verification } from './verification.ts';

/** Documents in memory at a time. */
const PAGE = 200;
/** Streams read at a time. */
const MAX_AT_ONCE = 16;

export interface PageDone {
  /** Events read. */
  events: number;
  /** Compared subjects that have events. */
  subjects: number;
}

/**
 * Compares a view's documents, and the values that their subjects hold, with the fold of each
 * subject's stream. `leastRevisions`: each subject's revision when the verification began. `onPage`
 * gets the work done since its last call.
 */
export async function verifyDocuments<Body extends object>(
  view: DocumentView<Body>,
  verification: Verification,
  leastRevisions: ReadonlyMap<number, number>,
  onPage: (done: PageDone) => Promise<void>,
): Promise<void> {
  const { store, readModel, signal, repair, clock } = verification;
  const reader = readModel.shown(view);
  const skips = await readSkips(store);
  const ids = [...leastRevisions.keys()].sort((a, b) => a - b);
  const held: HeldValuesDependencies<Body> = {
    ...verification,
    load: async (stream) => {
      const id = subjectOf(stream)?.id ?? 0;
      return (await foldSubject(view, { store, skips }, { id, revision: null })).own;
    },
  };

  const fold = (id: number, document: ViewDocument | null, by: Skips): Promise<SubjectFold<Body>> =>
    foldSubject(view, { store, skips: by }, { id, revision: document?.revision ?? null });

  /** Reads the document before its events, so that the events are never older. */
  async function recheck(
    id: number,
    least: number,
  ): Promise<{ findings: Finding[]; revision: number | null }> {
    const [document = null] = await reader.load([id]);
    const found = await fold(id, document, await readSkips(store));
    const findings = compareDocument(document, found, least);
    const isFindable = !document || findings.length > 0 || (await reader.unfindable([document])).length === 0;
    return { findings: isFindable ? findings : [inIndex('different')], revision: document?.revision ?? null };
  }

  async function verifySubject(
    id: number,
    document: ViewDocument | null,
    isUnfindable: boolean,
  ): Promise<number> {
    const least = leastRevisions.get(id) ?? NO_REVISION;
    const folded = await fold(id, document, skips);
    if (isUnfindable || compareDocument(document, folded, least).length > 0) await reportDocument(id, least);
    // What a subject holds after an unappliable event is unknown.
    if (!folded.own.stuck) await reportValues(id, folded.own);
    return folded.events;
  }

  async function reportDocument(id: number, least: number): Promise<void> {
    const { findings, revision } = await recheck(id, least);
    if (findings.length === 0) return;
    let repaired: boolean | null = null;
    if (repair) {
      const current = await currentGeneration(readModel.controls, view);
      const viewStore = await readModel.open(view, current, { mustExist: true });
      await repairDocument(view, { viewStore, store, clock }, id);
      repaired = (await recheck(id, least)).findings.length === 0;
    }
    const subject = subjectStream(view.aggregate.kind, id);
    await verification.report(findings, {
      projection: view.name,
      subject,
      revision,
      position: null,
      repaired,
    });
  }

  async function reportValues(id: number, own: Loaded<Body>): Promise<void> {
    const stream = subjectStream(view.aggregate.kind, id);
    for (const { value, finding } of await unclaimedValues(view.aggregate, stream, own, held)) {
      const repaired = repair ? await claimAgain(view.aggregate, stream, value, held) : null;
      const about = { projection: null, subject: stream, revision: own.revision, position: null, repaired };
      await verification.report([finding], about);
    }
  }

  let next = 0;
  for (let after = Number.MIN_SAFE_INTEGER; after !== Infinity && !signal.aborted;) {
    const page = await reader.scan({ after, limit: PAGE });
    const bound = Math.min(
      page.length < PAGE ? Infinity : (page.at(-1)?.id ?? Infinity),
      ids[next + PAGE - 1] ?? Infinity,
    );
    const unfindable = new Set(await reader.unfindable(page));
    const documents = new Map(page.filter(({ id }) => id <= bound).map((one) => [one.id, one]));
    const end = bound === Infinity ? ids.length : firstAbove(ids, bound, next);
    const subjects = new Set([...ids.slice(next, end), ...documents.keys()]);
    const done: PageDone = { events: 0, subjects: 0 };
    await inParallel([...subjects], MAX_AT_ONCE, async (id) => {
      if (signal.aborted) return;
      const read = await verifySubject(id, documents.get(id) ?? null, unfindable.has(id));
      done.events += read;
      if (leastRevisions.has(id)) done.subjects += 1;
      // Reads of an embedded store do not yield to the event loop.
      await nextTurn();
    });
    next = end;
    after = bound;
    await onPage(done);
  }
}

function firstAbove(ids: readonly number[], bound: number, from: number): number {
  let index = from;
  while (index < ids.length && (ids[index] as number) <= bound) index += 1;
  return index;
}
