import { useEffect, useState } from 'preact/hooks';
import type { Timeline } from './useTimeline.ts';

/** Most entries on the page at once: a page of thousands would respond slowly. */
const SHOWN = 200;
const STEP = 100;

/** The entries from `start` up to but excluding `end`, and functions that move the window. */
export interface Window {
  start: number;
  end: number;
  hasNewer: boolean;
  hasOlder: boolean;
  newer(): void;
  older(): void;
}

/** The visible window on a timeline; it follows the selected entry. */
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
