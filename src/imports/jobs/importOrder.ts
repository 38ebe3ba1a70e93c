import type { Request } from '../../commands/command.ts';
import type { Actor } from '../../events/types.ts';
import type { ListOptions } from '../reading/readList.ts';

/** What a caller asked for with a list: kept beside it, so that the import can be resumed. Can be written as JSON. */
export interface ImportOrder {
  reading: Omit<ListOptions, 'map' | 'name'> & { map: readonly (readonly [string, string | null])[] };
  actor: Actor;
  requestId: string;
  /** Shared by all events of the import. */
  correlation: string;
  reason: string | null;
}

/** How the list of an order is read. An upload has no name that could say anything. */
export const readingOf = ({ reading }: ImportOrder): ListOptions => ({
  ...reading,
  name: '',
  map: new Map(reading.map),
});

/** The request that the edits of an import belong to. */
export const requestOf = ({ actor, requestId, correlation, reason }: ImportOrder): Request => ({
  actor,
  requestId,
  correlationId: correlation,
  ifMatch: null,
  key: null,
  ...(reason === null ? {} : { note: { reason } }),
});
