import { isDeepStrictEqual } from 'node:util';
import type { ViewDocument } from '../ports/documents.ts';
import type { Difference } from '../record/viewRecord.ts';

/** A difference before values and repair are added. */
export type Finding = Pick<Difference, 'member' | 'problem'> & {
  expected?: unknown;
  found?: unknown;
  claimant?: string | null;
};

/** The members in which two records differ, in any order of members. */
export function differentMembers(expected: object, found: object): Finding[] {
  const wanted = expected as Record<string, unknown>;
  const there = found as Record<string, unknown>;
  return [...new Set([...Object.keys(wanted), ...Object.keys(there)])]
    .filter((member) => !isSame(wanted[member], there[member]))
    .map((member) => ({
      member: member in wanted || isName(member) ? member : UNNAMED,
      problem: 'different',
      expected: wanted[member],
      found: there[member],
    }));
}

/** 0 and -0 are the same number in JSON. */
const isSame = (a: unknown, b: unknown): boolean => a === b || isDeepStrictEqual(a, b);

/** Reported instead of a malformed member name, which could be personal data. */
const UNNAMED = '(unknown)';

const isName = (text: string): boolean => /^[A-Za-z_]{1,40}$/.test(text);

/** How two documents of one subject at one revision differ. */
export function differentContents(expected: ViewDocument, found: ViewDocument): Finding[] {
  const index = differentMembers(indexed(expected), indexed(found));
  if (expected.body === null || found.body === null) {
    return expected.body === found.body ? index : [whole('different')];
  }
  return [...differentMembers(expected.body, found.body), ...index];
}

/** The members by which a document is found. */
const indexed = ({ search, lookup }: ViewDocument): Pick<ViewDocument, 'search' | 'lookup'> => ({
  search,
  lookup,
});

export const whole = (problem: Finding['problem']): Finding => ({ member: null, problem });
