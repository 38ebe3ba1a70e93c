import type { RecordedEvent } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { DocumentView } from '../ports/view.ts';

/** The events of the view's subjects, each with its subject's id. */
export const ownEvents = (
  { aggregate }: Pick<DocumentView<object>, 'aggregate'>,
  events: readonly RecordedEvent[],
): { id: number; event: RecordedEvent }[] =>
  events.flatMap((event) => {
    const subject = subjectOf(event.stream);
    return subject?.kind === aggregate.kind ? { id: subject.id, event } : [];
  });
