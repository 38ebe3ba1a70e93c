/** What a caller may say about how a list is to be read. */
export type Option = 'kind' | 'format' | 'encoding' | 'separator' | 'decimal' | 'dates' | 'map';

/** The name of an option in the caller's interface; with `value`, the option set to it. */
export type Door = (option: Option, value?: string) => string;

/** `--dates dmy` */
export const COMMAND_LINE: Door = (option, value) => {
  if (value === undefined) return `--${option}`;
  return /^[\w-]+$/.test(value) ? `--${option} ${value}` : `--${option} "${value}"`;
};

/** `dates=dmy`; the content type says the format. */
export const HTTP: Door = (option, value) => {
  if (option === 'format' && value === 'ndjson') return 'Content-Type: application/x-ndjson';
  return value === undefined ? `the parameter ${option}` : `${option}=${value}`;
};
