import type { Reason } from '../../projections/record/listImport.ts';
import type { Issue } from '../../validation/schema.ts';
import type { HintCode } from './hintTexts.ts';
import type { ReasonCode } from './reasonTexts.ts';

/** A reason of the catalogue. The rules that a member breaks are reasons as well: see `issueReason`. */
export const reason = (
  code: ReasonCode,
  details: Omit<Reason, 'code' | 'hint'> & { hint?: HintCode } = {},
): Reason => ({ code, ...details });

/** An issue of a member, as a reason: its code is the rule. */
export const issueReason = ({ member, rule, wanted }: Issue, hint?: HintCode): Reason => ({
  code: rule,
  member,
  ...(wanted === undefined ? {} : { wanted }),
  ...(hint === undefined ? {} : { hint }),
});

/** Another subject has this value of `member`. */
export const takenReason = (member: string): Reason => ({ code: 'taken', member });
