import { PadronError } from '../platform/padronError.ts';

/**
 * An event that cannot have happened: its data lacks the shape of its type, or it contradicts the
 * events before it. Reading it again does not help; an operator may skip it. The message quotes no
 * value.
 */
export class EventFault extends PadronError {
  constructor(message: string) {
    super(message);
    this.name = 'EventFault';
  }
}
