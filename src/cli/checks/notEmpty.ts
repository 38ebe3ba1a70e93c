import { InvalidArgumentError } from 'commander';

/** The value of an option, as commander parses it. An empty one is a wrong call: often a variable of the shell that is not set. */
export function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It should not be empty.');
  return value;
}
