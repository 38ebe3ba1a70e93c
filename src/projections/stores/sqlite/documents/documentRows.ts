import type { Parked, ViewDocument } from '../../../ports/documents.ts';

export interface Row {
  id: number;
  revision: number;
  body: string | null;
  search: string;
  lookup: string;
  parked: string | null;
}

type Columns = readonly [
  id: number,
  revision: number,
  body: string | null,
  search: string,
  lookup: string,
  parked: string | null,
];

export const rowFrom = ([id, revision, body, search, lookup, parked]: Columns): Row => ({
  id,
  revision,
  body,
  search,
  lookup,
  parked,
});

export const columnsOf = ({ id, revision, body, search, lookup, parked }: Row): Columns => [
  id,
  revision,
  body,
  search,
  lookup,
  parked,
];

export const rowOf = ({ id, revision, body, search, lookup, parked }: ViewDocument): Row => ({
  id,
  revision,
  body: body === null ? null : JSON.stringify(body),
  search,
  lookup: JSON.stringify(lookup),
  parked: parked === null ? null : JSON.stringify(parked),
});

export const toDocument = ({ id, revision, body, search, lookup, parked }: Row): ViewDocument => ({
  id,
  revision,
  body: body === null ? null : (JSON.parse(body) as object),
  search,
  lookup: JSON.parse(lookup) as ViewDocument['lookup'],
  parked: parked === null ? null : (JSON.parse(parked) as Parked),
});
