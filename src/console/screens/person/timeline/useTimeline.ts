import { useEffect, useState } from 'preact/hooks';
import { ask, ApiError, pathWith } from '../../../app/api.ts';
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
  const first: Got<HistoryPage> = useGet<HistoryPage>(pathWith(`${path}/history`, { limit: PAGE, field }));
  const [older, setOlder] = useState<HistoryPage[]>([]);
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const begin = first.answer?.body ?? null;
  useEffect(() => {
    setOlder([]);
  }, [begin]);
  const pages = begin ? [begin, ...older] : [];
  const next = pages.at(-1)?.next ?? null;

  const more = (): void => {
    if (next === null || isReading) return;
    setReading(true);
    ask<HistoryPage>(pathWith(`${path}/history`, { limit: PAGE, field, cursor: next }))
      .then(({ body }) => {
        setOlder((read) => [...read, body]);
        setError(null);
      })
      .catch((thrown: unknown) => {
        if (thrown instanceof ApiError) setError(thrown);
      })
      .finally(() => {
        setReading(false);
      });
  };
  return {
    entries: pages.flatMap(({ entries }) => entries),
    error: first.error ?? error,
    isLoading: first.isLoading || isReading,
    hasMore: next !== null,
    more,
    reload: first.reload,
  };
}
