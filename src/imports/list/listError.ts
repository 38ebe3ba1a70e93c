import { PadronError } from '../../platform/padronError.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import { COMMAND_LINE } from '../reasons/door.ts';
import { reason } from '../reasons/reason.ts';
import { reasonText, type FileReasonCode } from '../reasons/reasonTexts.ts';

/**
 * The file as a whole cannot be imported, or not in this way: one reason, never with anything that the file contains. The command line
 * ends with exit code 2 and prints the message, HTTP answers 400.
 */
export class ListError extends PadronError {
  readonly reason: Reason;

  constructor(why: Reason | FileReasonCode) {
    const known = typeof why === 'string' ? reason(why) : why;
    super(reasonText(known, COMMAND_LINE));
    this.name = 'ListError';
    this.reason = known;
  }
}
