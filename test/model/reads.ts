import { NO_REVISION, type Position } from '../../src/events/eventStore.ts';
import { subjectOf } from '../../src/events/streams.ts';
import type { ReplicatedLog } from './events.ts';
import type { Instance } from './instance.ts';
import type { Sent } from './requests.ts';
import type { Simulation } from './simulation.ts';

/** What one instance has shown in answers: the least that its later answers may show. */
export interface Shown {
  /** By id, of single documents. */
  documents: Map<number, number>;
  /** By id, of lists. */
  lists: Map<number, number>;
}

export const nothingShown = (): Shown => ({ documents: new Map(), lists: new Map() });

/** Reads one person, which must not be older than what this instance showed or acknowledged before the read began. */
export async function readDocument(
  simulation: Simulation,
  { host, documents }: Instance,
  { id, shown, journal }: { id: number; shown: Shown; journal: readonly Sent[] },
  log: ReplicatedLog,
): Promise<void> {
  const stream = `persona-${id}`;
  const acknowledged = journal
    .filter(({ instance, outcome }) => instance === host.name && outcome === 'done')
    .flatMap((sent) => (streamOf(sent, log) === stream ? [sent.revision ?? NO_REVISION] : []));
  const least = Math.max(NO_REVISION, shown.documents.get(id) ?? NO_REVISION, ...acknowledged);
  const found = await documents.byId(id, null).catch(() => undefined);
  if (found === undefined || found?.behind) return;
  const revision = found?.revision ?? NO_REVISION;
  simulation.note(host.name, `shows ${stream} at ${revision}`);
  if (revision < least)
    simulation.broken(`${host.name} shows ${stream} at ${revision} after it had shown or stored ${least}`);
  shown.documents.set(id, Math.max(revision, least));
}

/** Reads the list, which shows nobody older than an earlier list, and everything up to `position` unless it says otherwise. */
export async function readList(
  simulation: Simulation,
  { host, documents }: Instance,
  { position, shown }: { position: Position | null; shown: Shown },
  log: ReplicatedLog,
): Promise<void> {
  const before = new Map(shown.lists);
  const page = await documents.page({ after: 0, limit: 1_000, words: [] }, position).catch(() => null);
  if (!page) return;
  for (const { id, revision, behind } of page.shown) {
    const least = before.get(id) ?? NO_REVISION;
    if (revision < least)
      simulation.broken(`a list of ${host.name} shows persona-${id} at ${revision} after ${least}`);
    shown.lists.set(id, Math.max(revision, shown.lists.get(id) ?? NO_REVISION));
    if (position === null || page.behind || behind) continue;
    const missed = log.written.events.some(
      (event) => event.stream === `persona-${id}` && event.position <= position && event.revision > revision,
    );
    if (missed) simulation.broken(`a list of ${host.name} lacks an event of persona-${id} up to ${position}`);
  }
}

/** The stream that a request was applied to, as the log tells. */
function streamOf({ ask, id }: Sent, log: ReplicatedLog): string | null {
  const own = log.written.events.find(({ metadata }) => metadata.requestId === id);
  if (own && subjectOf(own.stream)) return own.stream;
  const registered = log.written.events.find(
    ({ type, data }) => type === 'PersonaRegistered' && (data as { cuenta: string }).cuenta === ask.cuenta,
  );
  return registered?.stream ?? null;
}
