import type { Operation } from './description.ts';

/** A request as filled in by the user. */
export interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

/** The content type of the body that the form sends: JSON, or else the first one that the operation takes, such as a list. */
export function bodyTypeOf({ requestBody }: Pick<Operation, 'requestBody'>): string | null {
  const types = Object.keys(requestBody?.content ?? {});
  return types.find((type) => type === 'application/json') ?? types[0] ?? null;
}

/** The request of a filled-in form, whose fields are named by place and parameter: `query limit`. */
export function requestOf(operation: Operation, form: FormData): Request {
  const { method, path, parameters } = operation;
  const bodyType = bodyTypeOf(operation);
  const given = parameters
    .map(({ name, in: place }) => ({ name, place, value: textIn(form, `${place} ${name}`) }))
    .filter(({ value }) => value !== '');
  const of = (wanted: string): [string, string][] =>
    given.filter(({ place }) => place === wanted).map(({ name, value }) => [name, value]);
  const filled = of('path').reduce(
    (url, [name, value]) => url.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const query = new URLSearchParams(of('query')).toString();
  return {
    method,
    url: query === '' ? filled : `${filled}?${query}`,
    headers: {
      ...Object.fromEntries(of('header')),
      ...(bodyType === null ? {} : { 'Content-Type': bodyType }),
    },
    body: bodyType === null ? null : textIn(form, 'body'),
  };
}

function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The request as a curl command. The token is a variable, because copied text ends up anywhere. */
export function curlOf({ method, url, headers, body }: Request): string {
  const lines = [
    `curl -X ${method} ${quoted(location.origin + url)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === null ? [] : [`-d ${quoted(body)}`]),
  ];
  return lines.join(' \\\n  ');
}
