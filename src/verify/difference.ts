import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../projections/ports/viewRecord.ts';
import { changeOf } from '../projections/views/history.ts';

/** A difference with what helps to find and mend it. Nothing in it is personal but `values`. */
export interface FoundDifference extends Difference {
  /** Of the document, or of the event that a row tells; null where there is none. */
  revision: number | null;
  /** Decimal, of a row; null for anything else. */
  position: string | null;
  /** Whose the last claim on a value is (`persona-7`), where that is the difference; null when nobody ever claimed it, and else. */
  claimant: string | null;
  /** Of a member, where values were asked for; what lets one in shows as `***`. */
  values: { expected: unknown; found: unknown } | null;
  /** Whether it agrees now; null where nobody asked to repair. */
  mended: boolean | null;
}

/** What was found, before anybody thinks of values or of mending it. */
export type Finding = Pick<FoundDifference, 'member' | 'problem'> & {
  expected?: unknown;
  found?: unknown;
  claimant?: string | null;
};

/** What a difference tells to whom values are not to be told: a job's record, an answer. */
export const withoutValues = ({ projection, subject, member, problem }: Difference): Difference => ({
  projection,
  subject,
  member,
  problem,
});

/** The members in which two records differ, whatever the order of their members. */
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

/** The values of a finding as they may be shown to who asked for them; null for one that is not about a member. */
export function shownValues({ member, expected, found }: Finding): FoundDifference['values'] {
  if (member === null || (expected === undefined && found === undefined)) return null;
  const { before, after } = changeOf(member, expected ?? null, found ?? null);
  return { expected: withoutSecrets(member, before), found: withoutSecrets(member, after) };
}

/** 0 and -0 are one number in JSON. */
const isSame = (a: unknown, b: unknown): boolean => a === b || isDeepStrictEqual(a, b);

/** Told instead of a member's name that is none: whatever it is, it might be somebody's. */
const UNNAMED = '(unknown)';
const isName = (text: string): boolean => /^[A-Za-z_]{1,40}$/.test(text);

/** The changes of a history entry hold values of their own, in which somebody may have put back what was masked. */
function withoutSecrets(member: string, value: unknown): unknown {
  if (member !== 'changes') return value;
  if (!Array.isArray(value)) return '(not readable)';
  return value.map((change: unknown) => {
    if (typeof change !== 'object' || change === null || !('field' in change)) return '(not readable)';
    const { field, before = null, after = null } = change as Record<string, unknown>;
    return typeof field === 'string' ? changeOf(field, before, after) : '(not readable)';
  });
}
