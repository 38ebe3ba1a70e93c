import type { Context } from 'koa';
import { decimalOf, DEFAULT_CSV, SEPARATORS, type CsvFormat } from '../../presentation/csv.ts';
import { RequestError } from '../errors/errors.ts';
import type { Route } from './route.ts';

export const EVENT_STREAM = 'text/event-stream';
export const NDJSON = 'application/x-ndjson';
export const CSV = 'text/csv';

/** An answer that is streamed. */
export interface Streamed {
  type: typeof EVENT_STREAM | typeof NDJSON | typeof CSV;
  /** The content type with its parameters. */
  contentType: string;
  csv: CsvFormat;
}

const separators = Object.keys(SEPARATORS) as CsvFormat['separator'][];
const DECIMALS = ['point', 'comma'] as const;
/** In order of preference if the caller accepts several equally. */
const formats = [true, false].flatMap((hasHeader) =>
  [true, false].flatMap((isUsual) =>
    separators.flatMap((separator) =>
      DECIMALS.filter((decimal) => (decimal === decimalOf(separator)) === isUsual).map(
        (decimal): CsvFormat => ({ separator, decimal, hasHeader }),
      ),
    ),
  ),
);

/** RFC 4180 defines the parameters charset and header; `separator` and `decimal` are padron's. */
const csvType = ({ hasHeader }: CsvFormat): string =>
  `${CSV}; charset=utf-8; header=${hasHeader ? 'present' : 'absent'}`;

const OFFERS = new Map<string, Streamed>([
  ...[NDJSON, EVENT_STREAM].map((type): [string, Streamed] => {
    const contentType = `${type}; charset=utf-8`;
    return [contentType, { type, contentType, csv: DEFAULT_CSV } as Streamed];
  }),
  ...formats.map((csv): [string, Streamed] => {
    const separator = `; separator=${csv.separator}`;
    const decimal = `; decimal=${csv.decimal}`;
    const isUsual = csv.decimal === decimalOf(csv.separator);
    const contentType =
      csvType(csv) + (csv.separator === 'comma' ? '' : separator) + (isUsual ? '' : decimal);
    return [csvType(csv) + separator + decimal, { type: CSV, contentType, csv }];
  }),
]);

const JSON_TYPE = 'application/json';

/**
 * Longest Accept or Accept-Encoding in characters that is read: each of its entries is compared with
 * each offer, so 16 KiB of them took 60 ms.
 */
export const MAX_ACCEPT_LENGTH = 1_000;

/**
 * How the answer is streamed, given the route's declaration and the caller's Accept; null for an
 * unstreamed answer. Refuses an unsupported variant of these types and an overlong Accept (406); for
 * any other type, the answer is unstreamed.
 */
export function streamedOf(ctx: Context, { contentType, also }: Route['answer']): Streamed | null {
  if (contentType === EVENT_STREAM) return OFFERS.get(`${EVENT_STREAM}; charset=utf-8`) ?? null;
  const accept = ctx.get('accept');
  if (!also || accept === '') return null;
  if (accept.length > MAX_ACCEPT_LENGTH) {
    throw new RequestError('not-acceptable', {
      detail: `Accept is longer than ${MAX_ACCEPT_LENGTH} characters`,
    });
  }
  const offers = [...OFFERS].filter(([, { type }]) => type in also).map(([offer]) => offer);
  const accepted = ctx.accepts([JSON_TYPE, `${JSON_TYPE}; charset=utf-8`, ...offers]);
  if (accepted !== false) return OFFERS.get(accepted) ?? null;
  if (Object.keys(also).some((type) => accept.toLowerCase().includes(type))) {
    throw new RequestError('not-acceptable');
  }
  return null;
}
