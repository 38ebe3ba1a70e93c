import { isDeepStrictEqual } from 'node:util';
import { applyRecorded, NOTHING_LOADED, type Loaded } from '../../src/domain/aggregate.ts';
import { persona } from '../../src/domain/persona.ts';
import { NO_REVISION, type Position, type RecordedEvent } from '../../src/events/eventStore.ts';
import { SKIPS_STREAM, startsWithOneOf, subjectOf } from '../../src/events/streams.ts';
import type { Row } from '../../src/projections/ports/rows.ts';
import type { EventSkipped, PersonaRecord } from '../../src/events/types.ts';
import { liveGeneration, viewKey, type MemoryGeneration } from '../support/memoryReadModel.ts';
import type { ModelViews, Stores } from './instance.ts';
import type { Simulation } from './simulation.ts';

/**
 * Looks at everything that is stored, at each moment at which something was: every generation is complete below its checkpoint, and
 * what is shown never goes back.
 */
export function watchViews(simulation: Simulation, stores: Stores): void {
  const { log, views, declared } = stores;
  const { broken } = simulation;
  const acknowledgedRevisions = new Map<number, number>();
  const shownPositions = new Map<string, Position>();
  /** Per generation, how far its rows are known to be complete: rows are never removed. */
  const completeTo = new Map<MemoryGeneration, number>();

  function expectDocuments(number: number, { checkpoint, documents }: MemoryGeneration): void {
    if (!checkpoint) return;
    for (const [id, revision] of revisionsUpTo(log.written.events, checkpoint.position)) {
      const document = documents.get(id);
      if (document && (document.parked !== null || document.revision >= revision)) continue;
      const found = document?.revision ?? 'no revision';
      broken(
        `personas ${number}: persona-${id} is at ${found}, without a mark, below the checkpoint of ${revision}`,
      );
    }
  }

  function expectRows(number: number, generation: MemoryGeneration): void {
    const { checkpoint, rows } = generation;
    if (!checkpoint) return;
    const from = completeTo.get(generation) ?? 0;
    const to = Number(checkpoint.position);
    completeTo.set(generation, Math.max(from, to));
    for (const event of log.written.events.slice(from, to)) {
      if (rowOf(declared, event) === null || rows.has(event.position)) continue;
      broken(`history ${number}: no row of ${event.stream}@${event.revision} below the checkpoint`);
    }
  }

  function expectNotBack(): void {
    for (const { id, revision } of liveGeneration(views, declared.personas)?.documents.values() ?? []) {
      const shown = acknowledgedRevisions.get(id) ?? NO_REVISION;
      if (revision < shown) broken(`persona-${id} was shown at ${shown}, and is shown at ${revision} now`);
      acknowledgedRevisions.set(id, Math.max(shown, revision));
    }
    for (const view of [declared.personas, declared.history]) {
      const position = liveGeneration(views, view)?.checkpoint?.position ?? 0n;
      const shown = shownPositions.get(view.name) ?? 0n;
      if (position < shown)
        broken(`${view.name} was shown up to ${shown}, and is shown up to ${position} now`);
      if (position > shown) shownPositions.set(view.name, position);
    }
  }

  simulation.watchers.push(() => {
    const generations = (view: { name: string; version: number }) =>
      views.generations.get(viewKey(view)) ?? new Map<number, MemoryGeneration>();
    for (const [number, one] of generations(declared.personas)) expectDocuments(number, one);
    for (const [number, one] of generations(declared.history)) expectRows(number, one);
    expectNotBack();
  });
}

/** The row that the history owes an event. */
const rowOf = ({ history }: ModelViews, event: RecordedEvent): Row | null =>
  startsWithOneOf(event.stream, history.prefixes) ? history.rowOf(event) : null;

/** The last revision of each person at or below a position. */
function revisionsUpTo(events: readonly RecordedEvent[], position: Position): Map<number, number> {
  const revisions = new Map<number, number>();
  for (const event of events) {
    if (event.position > position) break;
    const subject = subjectOf(event.stream);
    if (subject?.kind === 'persona') revisions.set(subject.id, event.revision);
  }
  return revisions;
}

/** What the shown views do not agree with at the end, when everything has come to rest: each is the fold of the whole log. */
export function brokenFolds({ log, views, declared }: Stores): string[] {
  const { events } = log.written;
  const live = liveGeneration(views, declared.personas);
  const rows = liveGeneration(views, declared.history)?.rows ?? new Map<bigint, { json: string }>();
  const broken: string[] = [];
  for (const [id, { state, revision }] of foldOf(events)) {
    const document = live?.documents.get(id);
    const found = `${document?.revision ?? 'none'}${document?.parked ? ' (parked)' : ''}`;
    if (document?.revision !== revision || document.parked !== null)
      broken.push(`persona-${id} is at ${found} at the end, its stream at ${revision}`);
    else if (!isDeepStrictEqual(document.body, state))
      broken.push(`persona-${id}@${revision}: the document is not the fold of its stream`);
  }
  for (const event of events) {
    const row = rowOf(declared, event);
    if (row?.json !== rows.get(event.position)?.json)
      broken.push(`history: the row of ${event.stream}@${event.revision} is missing or wrong at the end`);
  }
  return broken;
}

/** Every person as the events say, those left out that the view of persons skips. */
function foldOf(events: readonly RecordedEvent[]): Map<number, Loaded<PersonaRecord>> {
  const skipped = new Set(
    events
      .filter(({ stream }) => stream === SKIPS_STREAM)
      .map(({ data }) => data as EventSkipped['data'])
      .map(({ subject, revision }) => `${subject}@${revision}`),
  );
  const subjects = new Map<number, Loaded<PersonaRecord>>();
  for (const event of events) {
    const subject = subjectOf(event.stream);
    if (subject?.kind !== 'persona') continue;
    const before = subjects.get(subject.id) ?? NOTHING_LOADED;
    const after = skipped.has(`${event.stream}@${event.revision}`)
      ? { ...before, revision: event.revision }
      : applyRecorded(persona, before, event);
    subjects.set(subject.id, after);
  }
  return subjects;
}
