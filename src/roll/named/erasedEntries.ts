import { createKnownErasures } from '../../events/bookkeeping/erasures.ts';
import { readSkips } from '../../events/bookkeeping/skips.ts';
import type { CallOptions, EventStore, Position, RecordedEvent } from '../../events/eventStore.ts';
import { readEach } from '../../events/stores/readEach.ts';
import { subjectOf } from '../../events/streams.ts';
import type { EntryOnRoll } from '../../events/types.ts';
import { foldSubjects, unreadDocument } from '../reading/foldSubjects.ts';
import { personaRoll, userRoll, type RollKind, type RollName } from '../rollKinds.ts';
import { entryHash, type ErasedHashes } from '../wholeRoll/digest.ts';
import { readRolls } from './rollLog.ts';

type Store = Pick<EventStore, 'readStream' | 'readStreams'>;
type Options = CallOptions & { fixedBefore?: Position };

/**
 * The hashes of a subject's entries on all rolls fixed so far, or before a position. Recorded before the
 * subject is erased, they keep the other entries provable. Empty if the subject is on none. Rejects with EventStoreError
 * and UnknownEventError.
 */
export async function entriesOnRolls(
  store: Store,
  subject: string,
  options: Options = {},
): Promise<EntryOnRoll[]> {
  const named = subjectOf(subject);
  if (!named) return [];
  return named.kind === userRoll.subject
    ? entriesOf(store, userRoll, named.id, options)
    : entriesOf(store, personaRoll, named.id, options);
}

/** The store with one stream that has been read already, whose events may be unreadable by now. */
export const withStreamOf = (
  store: Pick<EventStore, 'readStream'>,
  events: readonly RecordedEvent[],
): Store => ({
  readStream: (stream, options) => store.readStream(stream, options),
  readStreams: (starts, options) =>
    readEach({ readStream: readFrom(events) }, starts, { ...options, atOnce: 1 }),
});

const readFrom =
  (events: readonly RecordedEvent[]): EventStore['readStream'] =>
  async (_, { from = 0, limit }) =>
    events.filter(({ revision }) => revision >= from).slice(0, limit);

async function entriesOf<State extends object>(
  store: Store,
  kind: RollKind<State>,
  id: number,
  { fixedBefore, ...options }: Options,
): Promise<EntryOnRoll[]> {
  const { fixed } = await readRolls(store, options);
  const rolls = fixed.filter(
    (one) => one.kind === kind.name && (fixedBefore === undefined || one.position < fixedBefore),
  );
  if (rolls.length === 0) return [];
  const skips = await readSkips(store, options);
  const dependencies = { store, aggregate: kind.view.aggregate, skips, trustsDocuments: false };
  const horizons = rolls.map(({ at, position }) => ({ at, upTo: position }));
  const [folds = []] = await foldSubjects(dependencies, [unreadDocument(id)], horizons, options);
  return rolls.flatMap(({ revision }, index) => {
    const state = folds[index]?.state ?? null;
    return state === null ? [] : [{ fixed: revision, hash: entryHash(kind, state) }];
  });
}

/** The hashes of the entries of a roll whose people were erased, by id. Rejects with EventStoreError and UnknownEventError. */
export async function erasedHashesOf(
  store: Pick<EventStore, 'readStream'>,
  { kind, fixed }: { kind: RollName; fixed: number },
  options: CallOptions = {},
): Promise<ErasedHashes> {
  const { listed } = await createKnownErasures(store).refresh(options);
  const hashes: Record<number, string> = {};
  for (const { subject, rolls } of listed) {
    const named = subjectOf(subject);
    if (named?.kind !== (kind === 'users' ? userRoll : personaRoll).subject) continue;
    const entry = rolls.find((one) => one.fixed === fixed);
    if (entry) hashes[named.id] = entry.hash;
  }
  return hashes;
}
