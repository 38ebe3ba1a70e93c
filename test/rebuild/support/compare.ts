import { expect } from 'chai';
import { applyRecorded, NOTHING_LOADED, type Aggregate } from '../../../src/domain/aggregate.ts';
import { persona } from '../../../src/domain/persona.ts';
import { user } from '../../../src/domain/user.ts';
import type { EventStore, RecordedEvent } from '../../../src/events/eventStore.ts';
import { documentOf } from '../../../src/projections/folding/fold.ts';
import { history } from '../../../src/projections/views/history.ts';
import { waitUntilCaughtUp } from '../../../src/projections/following/waitUntilCaughtUp.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import type { ViewDocument } from '../../../src/projections/ports/documents.ts';
import type { ViewDeclaration } from '../../../src/projections/record/viewDeclaration.ts';
import { VIEWS } from '../../../src/projections/views/allViews.ts';
import type { DocumentView } from '../../../src/projections/ports/view.ts';
import { systemClock } from '../../../src/platform/clock.ts';

/** Everything of padron's own, in the order of the log. */
export const allEvents = (store: EventStore): Promise<RecordedEvent[]> => store.readAll(null, 1_000_000);

/** Waits until every view shows what the log holds by now. */
export async function levelViews({
  store,
  readModel,
}: {
  store: EventStore;
  readModel: ReadModel;
}): Promise<void> {
  const head = await store.head();
  const signal = AbortSignal.timeout(30_000);
  for (const shown of [
    readModel.shown(VIEWS.personas),
    readModel.shown(VIEWS.users),
    readModel.shownRows(history),
  ]) {
    await waitUntilCaughtUp(shown, head, systemClock, signal);
  }
  signal.throwIfAborted();
}

/** What the views hold is what the plain fold of the log makes, to the letter; and nothing else. */
export async function expectViewsEqualFold(padron: {
  store: EventStore;
  readModel: ReadModel;
}): Promise<void> {
  await levelViews(padron);
  const { readModel } = padron;
  const events = await allEvents(padron.store);
  expect(await everyDocument(readModel, VIEWS.personas)).to.deep.equal(
    foldAll(VIEWS.personas, persona, events),
  );
  expect(await everyDocument(readModel, VIEWS.users)).to.deep.equal(foldAll(VIEWS.users, user, events));
  const rows = await readModel.shownRows(history).scan({ after: null, limit: 1_000_000 });
  const expected = events
    .filter(({ stream }) => /^(persona|user)-/.test(stream))
    .flatMap((event) => history.rowOf(event) ?? []);
  expect(rows.map(({ json }) => json)).to.deep.equal(expected.map(({ json }) => json));
  const found = await readModel.shownRows(history).find({
    keys: [],
    accepts: null,
    from: null,
    to: null,
    upTo: events.at(-1)?.position ?? 0n,
    after: null,
    order: 'asc',
    limit: 1_000_000,
    scan: 1_000_000,
  });
  expect(found.rows).to.have.lengthOf(expected.length);
}

const everyDocument = (readModel: ReadModel, view: ViewDeclaration): Promise<ViewDocument[]> =>
  readModel.shown(view).scan({ after: 0, limit: 1_000_000 });

/** The fold of a whole log, one event after the other: as plain as can be, for it is what the views are measured by. */
function foldAll<Body extends object>(
  view: DocumentView<Body>,
  aggregate: Aggregate<Body>,
  events: readonly RecordedEvent[],
): ViewDocument[] {
  const loaded = new Map<number, typeof NOTHING_LOADED>();
  for (const event of events) {
    const [kind, id] = event.stream.split('-');
    if (kind !== aggregate.kind) continue;
    const before = loaded.get(Number(id)) ?? NOTHING_LOADED;
    loaded.set(Number(id), applyRecorded(aggregate, before, event) as typeof NOTHING_LOADED);
  }
  return [...loaded]
    .sort(([a], [b]) => a - b)
    .map(([id, one]) => JSON.parse(JSON.stringify(documentOf(view, id, one))) as ViewDocument);
}
