import { randomUUID } from 'node:crypto';
import { pauseBefore, withDeadline } from '../commands/waits.ts';
import type { Deadline } from '../deadline.ts';
import type { Clock } from '../events/clock.ts';
import { EventStoreError, lastEventOf, NO_REVISION, type EventStore } from '../events/eventStore.ts';
import { newEvent, notBefore, type Origin } from '../events/newEvent.ts';
import { SKIPS_STREAM, subjectStream } from '../events/streams.ts';
import type { EventSkipped } from '../events/types.ts';
import { liveGeneration } from './liveGeneration.ts';
import type { ParkedEntry, ParkedOutcome, Parking, SkipOrder } from './parking.ts';
import { refold } from './project.ts';
import type { ReadModel, ViewDocument } from './readModel.ts';
import { readSkips } from './skips.ts';
import type { DocumentView } from './view.ts';

/** Attempts to store a skip against the writes of other instances. */
const MAX_ATTEMPTS = 12;

/** Documents read at a time. */
const PAGE = 500;

type AnyView = DocumentView<object>;

/** The parked subjects of these views. */
export function createParking({
  views,
  readModel,
  store,
  clock,
}: {
  views: readonly AnyView[];
  readModel: ReadModel;
  store: EventStore;
  clock: Clock;
}): Parking {
  async function* documentsOf(view: AnyView): AsyncGenerator<ViewDocument> {
    // While no generation is shown, nobody misses anything in it.
    if ((await liveOf(view)) === null) return;
    const shown = readModel.shown(view);
    for (let after = 0; ;) {
      const page = await shown.parked({ after, limit: PAGE });
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.id;
    }
  }

  async function find(
    id: string,
  ): Promise<{ view: AnyView; document: ViewDocument; entry: ParkedEntry } | null> {
    const [, name, text] = /^([a-z]+)-([1-9]\d*)\.\d+$/.exec(id) ?? [];
    const view = views.find((one) => one.name === name);
    const subject = Number(text);
    if (!view || !Number.isSafeInteger(subject)) return null;
    const [document] = await readModel.shown(view).load([subject]);
    const entry = document ? entryOf(view, document) : null;
    return document && entry && entry.id === id ? { view, document, entry } : null;
  }

  const liveOf = async (view: AnyView): Promise<number | null> =>
    (await readModel.controls.read(view))?.control.live ?? null;

  /**
   * Folds the subject again and writes it, until its stream has nothing new: the projection passes over what comes while it is parked, and only what
   * is read after the write that ends this cannot have been passed over (docs/adr/0013).
   */
  async function bringLevel(view: AnyView, document: ViewDocument): Promise<ViewDocument> {
    const live = await readModel.open(view, await liveGeneration(readModel.controls, view));
    for (let before = document; ;) {
      const after = await refold(view, before, { store, clock, skips: await readSkips(store) });
      if (after.revision === before.revision && after.parked === null && before.parked === null) return after;
      await live.put([after]);
      if (after.parked) return after;
      before = after;
    }
  }

  async function retry(id: string): Promise<ParkedOutcome | null> {
    const found = await find(id);
    if (!found) return null;
    const { view, document, entry } = found;
    return { entry, left: entryOf(view, await bringLevel(view, document)) };
  }

  async function storeSkip(of: ParkedEntry, { reason, ...by }: SkipOrder): Promise<void> {
    const data: EventSkipped['data'] = {
      view: of.projection,
      subject: of.subject,
      revision: of.revision,
      reason,
    };
    const commandId = randomUUID();
    await withDeadline(undefined, (deadline) => appendSkip(data, { ...by, commandId }, deadline));
  }

  /** Rejects with EventStoreError at the deadline, and when other writers won every attempt. */
  async function appendSkip(data: EventSkipped['data'], origin: Origin, deadline: Deadline): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
      const last = await lastEventOf(store, SKIPS_STREAM);
      if ((await readSkips(store)).has(data.view, data.subject, data.revision)) return;
      const occurredAt = notBefore(clock.now(), last?.metadata.occurredAt ?? null);
      const event = newEvent(origin.commandId, { type: 'EventSkipped', data }, origin, occurredAt);
      const expected = last?.revision ?? NO_REVISION;
      const result = await store.append([{ stream: SKIPS_STREAM, expected, events: [event] }], { deadline });
      if (result.outcome === 'appended') return;
    }
    throw new EventStoreError(`other writers won every attempt at ${SKIPS_STREAM}`, {
      outcomeUnknown: false,
    });
  }

  return {
    async list(name) {
      const entries: ParkedEntry[] = [];
      for (const view of views) {
        if (name !== undefined && view.name !== name) continue;
        for await (const document of documentsOf(view)) {
          const entry = entryOf(view, document);
          if (entry) entries.push(entry);
        }
      }
      return entries;
    },
    async count(name) {
      let parked = 0;
      const view = views.find((one) => one.name === name);
      if (view) for await (const _ of documentsOf(view)) parked += 1;
      return parked;
    },
    retry,
    async skip(id, order) {
      const found = await find(id);
      if (!found) return null;
      await storeSkip(found.entry, order);
      return retry(id);
    },
  };
}

/** Null for a document that is not parked. */
function entryOf(view: AnyView, { id, parked }: ViewDocument): ParkedEntry | null {
  if (!parked) return null;
  const subject = subjectStream(view.aggregate.kind, id);
  return { id: `${view.name}-${id}.${parked.revision}`, projection: view.name, subject, ...parked };
}
