import { pathWith } from '../../app/api.ts';
import { KINDS, personUrl, type Kind } from '../people/kinds.ts';
import { seesPresent } from './rollPage.ts';

interface Names {
  /** As in addresses: a user's DNI, a person's id. */
  key: string;
  subject: string;
}

/** The address of a person's record; for a role that may not see records, that of the person's history in the audit. */
export const recordUrl = (
  kind: Kind,
  { key, subject }: Names,
  query: Record<string, string | number | null> = {},
): string =>
  seesPresent(kind) ? pathWith(personUrl(kind, key), query) : pathWith('/console/audit', { subject });

/** The same by the subject in the history: the page of `user-15` finds the DNI. */
export function subjectUrl(subject: string, query: Record<string, number> = {}): string {
  const [name, id = ''] = subject.split('-');
  return name === KINDS.personas.subject
    ? recordUrl(KINDS.personas, { key: id, subject }, query)
    : recordUrl(KINDS.users, { key: subject, subject }, query);
}
