import { pathWith } from '../../app/api.ts';
import { useGet, type Got } from '../../app/useGet.ts';
import { useSettled } from '../../app/useSettled.ts';
import type { Document, Kind } from '../people/kinds.ts';

/** The paths of a person in the API. */
export const apiPath = (kind: Kind, key: string): string => `${kind.list}/${encodeURIComponent(key)}`;

/** A document as of a revision or a moment, or as it is now. */
export function useDocument(
  path: string,
  { revision, at }: { revision?: number | null; at?: string | null } = {},
): Got<Document> {
  const asked = pathWith(path, { revision, at });
  const settled = useSettled(asked);
  const got = useGet<Document>(settled);
  return { ...got, isLoading: got.isLoading || settled !== asked };
}

/** The revision in an ETag: "15.3". */
export function revisionIn(etag: string | null): number | null {
  const found = /\.(\d+)"$/.exec(etag ?? '');
  return found ? Number(found[1]) : null;
}
