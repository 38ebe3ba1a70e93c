import { describeIssue } from '../../presentation/issueTexts.ts';
import { requiredText } from '../../validation/fields.ts';
import { bodyCheck } from '../../validation/schema.ts';
import { CliError, EXIT } from '../output/exit.ts';

const check = bodyCheck({ type: 'object', properties: { reason: requiredText } });

/** Throws CliError (usage) for a reason that a request could not have either: empty, too long, with control characters. */
export function requireReason(reason: string | undefined): void {
  if (reason === undefined) return;
  const checked = check({ reason });
  if ('faults' in checked)
    throw new CliError(checked.faults.map((fault) => `--${describeIssue(fault)}`).join('; '), EXIT.usage);
}
