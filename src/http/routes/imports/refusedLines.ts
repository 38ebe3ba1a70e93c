import { HTTP } from '../../../imports/reasons/door.ts';
import { reasonText } from '../../../imports/reasons/reasonTexts.ts';
import type { RefusedLine } from '../../../projections/record/listImport.ts';

/** Refused lines as answers show them: each reason as a text in English, and as a code. */
export const presentRefused = (refused: readonly RefusedLine[]): object[] =>
  refused.map(({ line, reasons }) => ({
    line,
    errors: reasons.map((one) => reasonText(one, HTTP)),
    reasons,
  }));
