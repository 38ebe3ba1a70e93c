import type { Difference } from '../projections/record/viewRecord.ts';
import { changeOf } from '../projections/views/history.ts';
import type { Finding } from '../projections/folding/differentMembers.ts';

/** A difference with what helps to find and repair it. Only `values` is personal data. */
export interface FoundDifference extends Difference {
  /** Of the document, or of the row's event; null if there is none. */
  revision: number | null;
  /** Of a row, in decimal; else null. */
  position: string | null;
  /**
   * For a difference in a reservation, the last claimant of the value (`persona-7`), null if it was
   * never claimed; else null.
   */
  claimant: string | null;
  /** Of a member, if values were requested; credentials show as `***`. */
  values: { expected: unknown; found: unknown } | null;
  /** Whether the difference is repaired; null without a repair. */
  repaired: boolean | null;
}

/** A difference without values, for job records and answers. */
export const withoutValues = ({ projection, subject, member, problem }: Difference): Difference => ({
  projection,
  subject,
  member,
  problem,
});

/**
 * The values of a finding, for callers that requested them; null if it does not concern a member.
 */
export function shownValues({ member, expected, found }: Finding): FoundDifference['values'] {
  if (member === null || (expected === undefined && found === undefined)) return null;
  const { before, after } = changeOf(member, expected ?? null, found ?? null);
  return { expected: withoutSecrets(member, before), found: withoutSecrets(member, after) };
}

/**
 * The values of a history entry, whose changes hold values themselves. Masks secrets that the stored
 * row has in clear.
 */
function withoutSecrets(member: string, value: unknown): unknown {
  if (member !== 'changes') return value;
  if (!Array.isArray(value)) return '(not readable)';
  return value.map((change: unknown) => {
    if (typeof change !== 'object' || change === null || !('field' in change)) return '(not readable)';
    const { field, before = null, after = null } = change as Record<string, unknown>;
    return typeof field === 'string' ? changeOf(field, before, after) : '(not readable)';
  });
}
