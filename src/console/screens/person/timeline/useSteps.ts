import { go, urlWith } from '../../../app/address.ts';
import { useKeys } from '../../../app/keys.ts';
import { stepFrom } from './stepFrom.ts';
import type { Timeline } from './useTimeline.ts';

/** Entries that are left below the selected one when more are read. */
const AHEAD = 10;

/** j and k walk through the revisions: j to the older one, k to the newer one. c compares with the present one, or the one before. */
export function useSteps(timeline: Timeline, revision: number | null): void {
  const { entries, hasMore, more } = timeline;
  const select = (step: 'older' | 'newer'): void => {
    if (revision === null) return;
    const left = entries.filter((entry) => entry.revision < revision).length;
    const isNear = left < AHEAD && revision >= (entries.at(-1)?.revision ?? Infinity);
    if (step === 'older' && hasMore && isNear) more();
    const next = stepFrom(revision, step, timeline);
    if (next !== null) go(urlWith({ revision: String(next), at: null }), { replace: true });
  };
  useKeys({
    j: () => {
      select('older');
    },
    k: () => {
      select('newer');
    },
    c: () => {
      const query = new URLSearchParams(location.search);
      go(urlWith({ with: query.get('with') === 'present' ? null : 'present' }), { replace: true });
    },
  });
}
