import { useEffect, useState } from 'preact/hooks';
import type { Timeline } from './useTimeline.ts';

/** Entries that are on the page at once, however many have been read: a page of thousands would answer slowly. */
const SHOWN = 200;
const STEP = 100;

/** The entries from `start` to before `end`, and what shows others. */
export interface Window {
  start: number;
  end: number;
  hasNewer: boolean;
  hasOlder: boolean;
  newer(): void;
  older(): void;
}

/** A window on the entries of a timeline that follows the selected one. */
export function useWindow({ entries, hasMore, more }: Timeline, selected: number): Window {
  const count = entries.length;
  const [wanted, setStart] = useState(0);
  const start = wanted < count ? wanted : 0;
  useEffect(() => {
    if (selected >= 0 && (selected < start || selected >= start + SHOWN))
      setStart(Math.max(0, selected - STEP));
  }, [selected]);
  const end = Math.min(count, start + SHOWN);
  return {
    start,
    end,
    hasNewer: start > 0,
    hasOlder: end < count || hasMore,
    newer: () => {
      setStart(Math.max(0, start - STEP));
    },
    older: () => {
      if (end === count) more();
      setStart(Math.max(start, Math.min(start + STEP, count + STEP - SHOWN)));
    },
  };
}
