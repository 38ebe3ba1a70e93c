import { PadronError } from '../../platform/padronError.ts';

/**
 * The file as a whole cannot be imported, or not in this way: one message about the file, never with anything that it contains.
 * The command line ends with exit code 2, HTTP answers 400.
 */
export class ListError extends PadronError {
  constructor(message: string) {
    super(message);
    this.name = 'ListError';
  }
}
