import type { Request } from '../../commands/command.ts';
import type { Actor } from '../../events/types.ts';
import type { ListOptions } from '../reading/readList.ts';

/** The caller's options for a list, stored next to it so that the import can be resumed. Plain JSON. */
export interface ImportOrder {
  reading: Omit<ListOptions, 'map' | 'name'> & { map: readonly (readonly [string, string | null])[] };
  actor: Actor;
  requestId: string;
  /** Shared by all events of the import. */
  correlation: string;
  reason: string | null;
}

/** How the list of an order is read. The name of an upload says nothing about its format. */
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
