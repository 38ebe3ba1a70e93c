import { NO_REVISION } from '../events/eventStore.ts';
import type { ViewDocument } from '../projections/ports/readModel.ts';
import { differentMembers, type Finding } from './difference.ts';
import type { SubjectFold } from '../projections/folding/foldSubject.ts';

/**
 * What a document and the fold of its subject's stream do not agree on. The document has to be at least at revision `least`; one that is ahead of that is
 * compared as of its own revision, so that a view that goes on meanwhile is never at fault.
 */
export function compareDocument(
  document: ViewDocument | null,
  { at, last }: Pick<SubjectFold<unknown>, 'at' | 'last'>,
  least: number,
): Finding[] {
  if (!document) return last === NO_REVISION ? [] : [whole('missing')];
  if (last === NO_REVISION) return isBlank(document) ? [] : [whole('unexpected')];
  const isLate = document.parked === null && document.revision < least;
  return [
    ...(document.parked ? [whole('parked')] : []),
    ...(isLate || !at ? [whole('different')] : []),
    ...(at ? differentContents(at, document) : []),
  ];
}

/** What two documents of one subject at one revision differ in. */
export function differentContents(expected: ViewDocument, found: ViewDocument): Finding[] {
  const index = differentMembers(indexed(expected), indexed(found));
  if (expected.body === null || found.body === null) {
    return expected.body === found.body ? index : [whole('different')];
  }
  return [...differentMembers(expected.body, found.body), ...index];
}

/** What a document is found by. */
const indexed = ({ search, lookup }: ViewDocument): Pick<ViewDocument, 'search' | 'lookup'> => ({
  search,
  lookup,
});

/** Says nothing of anybody: what a repair leaves of a document without events. */
const isBlank = ({ revision, body, search, lookup, parked }: ViewDocument): boolean =>
  revision === NO_REVISION &&
  body === null &&
  search === '' &&
  Object.keys(lookup).length === 0 &&
  parked === null;

const whole = (problem: Finding['problem']): Finding => ({ member: null, problem });
