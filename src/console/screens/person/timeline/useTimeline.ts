import { useRef, useState } from 'preact/hooks';
import { ask, pathWith } from '../../../app/api.ts';
import { ApiError } from '../../../app/requests/apiError.ts';
import { useGet, type Got } from '../../../app/useGet.ts';
import type { Change } from '../../../parts/changesTable.ts';

/** An entry of the history as the API answers it. */
export interface Entry {
  position: string;
  subject: string;
  revision: number;
  type: string;
  at: string;
  actor: { account: string; role: string };
  correlation: string;
  summary: string;
  reason: string | null;
  changes: Change[];
  unreadable?: true;
  erased?: true;
}

export interface HistoryPage {
  entries: Entry[];
  next: string | null;
}

/** The entries read so far, newest first, and a function that reads more. */
export interface Timeline {
  entries: readonly Entry[];
  error: ApiError | null;
  isLoading: boolean;
  hasMore: boolean;
  more(): void;
  reload(): void;
}

const PAGE = 50;

/** The history of a person, page by page; of one field if `field` names it. */
export function useTimeline(path: string, field: string | null): Timeline {
  const firstPath = pathWith(`${path}/history`, { limit: PAGE, field });
  const first: Got<HistoryPage> = useGet<HistoryPage>(firstPath);
  const begin = first.answer?.body ?? null;
  const [read, setRead] = useState<readonly HistoryPage[]>([]);
  const [failed, setFailed] = useState<{ after: HistoryPage; error: ApiError } | null>(null);
  const [reading, setReading] = useState<HistoryPage | null>(null);
  /** The page after which another one is being read. */
  const asked = useRef<HistoryPage | null>(null);
  // Pages that follow a different first page, such as that of another field, are ignored.
  const pages = begin === null ? [] : read[0] === begin ? read : [begin];
  const last = pages.at(-1) ?? null;

  const more = (): void => {
    // While the history of another field is loading, the one on the screen reads no further pages.
    if (!last?.next || asked.current === last || first.answered !== firstPath) return;
    asked.current = last;
    setReading(last);
    setFailed(null);
    ask<HistoryPage>(pathWith(`${path}/history`, { limit: PAGE, field, cursor: last.next }))
      .then(({ body }) => {
        if (asked.current === last) setRead([...pages, body]);
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError) setFailed({ after: last, error });
      })
      .finally(() => {
        if (asked.current !== last) return;
        asked.current = null;
        setReading(null);
      });
  };
  return {
    entries: pages.flatMap(({ entries }) => entries),
    error: first.error ?? (failed?.after === last ? failed.error : null),
    isLoading: first.isLoading || (reading !== null && reading === last),
    hasMore: last !== null && last.next !== null,
    more,
    reload: first.reload,
  };
}
