import { PadronError } from '../../platform/padronError.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import { COMMAND_LINE } from '../reasons/door.ts';
import { reason } from '../reasons/reason.ts';
import { reasonText, type FileReasonCode } from '../reasons/reasonTexts.ts';

/**
 * The file as a whole cannot be imported, or not this way. The reason never quotes the file. The
 * command line prints the message and ends with exit code 2; HTTP answers 400.
 */
export class ListError extends PadronError {
  readonly reason: Reason;

  constructor(why: Reason | FileReasonCode) {
    const known = typeof why === 'string' ? reason(why) : why;
    super(reasonText(known, COMMAND_LINE));
    this.reason = known;
  }
}
