import { NO_REVISION } from '../events/eventStore.ts';
import { reachOf, type ViewDocument } from '../projections/ports/documents.ts';
import { type Finding, differentContents, whole } from '../projections/folding/differentMembers.ts';
import { isEmpty } from '../projections/folding/fold.ts';
import type { SubjectFold } from './foldSubject.ts';

/**
 * How a document differs from the fold of its subject's stream. The document must be at revision
 * `least` or later. A newer document is compared at its own revision, so that a view that moves on
 * meanwhile is not reported. Nor is a document that the view has yet to erase: its events are
 * unreadable as soon as the key is erased.
 */
export function compareDocument(
  document: ViewDocument | null,
  { at, last, erasedAt }: Pick<SubjectFold<unknown>, 'at' | 'last' | 'erasedAt'>,
  least: number,
): Finding[] {
  if (!document) return last === NO_REVISION ? [] : [whole('missing')];
  if (last === NO_REVISION) return isEmpty(document) ? [] : [whole('unexpected')];
  const isLate = document.parked === null && document.revision < least;
  if (!isLate && erasedAt !== null && erasedAt > reachOf(document))
    return document.parked ? [whole('parked')] : [];
  return [
    ...(document.parked ? [whole('parked')] : []),
    ...(isLate || !at ? [whole('different')] : []),
    ...(at ? differentContents(at, document) : []),
  ];
}
