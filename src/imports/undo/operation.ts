import { effectOf } from '../../events/catalogue.ts';
import { toDomainEvent } from '../../events/domainEvent.ts';
import type { RecordedEvent } from '../../events/eventStore.ts';
import { subjectOf, type SubjectKind } from '../../events/streams.ts';
import type { Changed } from '../update/correct.ts';

/** The changes of an operation to one subject. */
export interface SubjectOperation {
  stream: string;
  kind: SubjectKind;
  id: number;
  /** `erase`: what was stored of the subject is erased. */
  did: 'register' | 'edit' | 'remove' | 'erase';
  /** Per member the value before the operation and after it. */
  changes: NonNullable<Changed>;
  /** The revision of its last event. */
  revision: number;
}

/** An operation by subject. Rejects at an event that cannot be read. */
export async function operationOf(events: AsyncIterable<RecordedEvent>): Promise<SubjectOperation[]> {
  const subjects = new Map<string, SubjectOperation>();
  for await (const recorded of events) {
    const subject = subjectOf(recorded.stream);
    const event = toDomainEvent(recorded);
    if (!subject || !event) continue;
    const { stream, revision } = recorded;
    const known = subjects.get(stream) ?? { stream, ...subject, did: 'edit' as const, changes: {}, revision };
    known.revision = revision;
    const did = effectOf(event.type) ?? 'erase';
    if (did !== 'edit') known.did = did;
    else if ('changes' in event.data)
      for (const [member, change] of Object.entries(event.data.changes)) join(known, member, change);
    subjects.set(stream, known);
  }
  return [...subjects.values()];
}

function join(
  { changes }: SubjectOperation,
  member: string,
  { from, to }: { from: unknown; to: unknown },
): void {
  changes[member] = { from: changes[member] ? changes[member].from : from, to };
}
