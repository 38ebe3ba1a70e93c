import type { Parked, ViewDocument } from '../../../ports/documents.ts';

/** The columns that hold a document, in the order of a Row. */
export const COLUMNS = 'id, revision, body, search, lookup, parked';

/** A document as stored. */
export type Row = readonly [
  id: number,
  revision: number,
  body: string | null,
  search: string,
  lookup: string,
  parked: string | null,
];

export const rowOf = ({ id, revision, body, search, lookup, parked }: ViewDocument): Row => [
  id,
  revision,
  body === null ? null : JSON.stringify(body),
  search,
  JSON.stringify(lookup),
  parked === null ? null : JSON.stringify(parked),
];

export const toDocument = ([id, revision, body, search, lookup, parked]: Row): ViewDocument => ({
  id,
  revision,
  body: body === null ? null : (JSON.parse(body) as object),
  search,
  lookup: JSON.parse(lookup) as ViewDocument['lookup'],
  parked: parked === null ? null : (JSON.parse(parked) as Parked),
});
