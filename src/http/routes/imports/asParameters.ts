/**
 * A message about a list, which names options of the command line, in terms of the query parameters:
 * `--dates dmy` becomes `dates=dmy`.
 */
export const asParameters = (message: string): string =>
  message
    .replaceAll('--format ndjson', 'Content-Type: application/x-ndjson')
    .replace(/--(\w+) "([^"]*)"/g, '$1=$2')
    .replace(/--(kind|encoding|dates) (users|personas|utf-16le|utf-16be|dmy)\b/g, '$1=$2')
    .replace(/--(\w+)/g, 'the parameter $1');
