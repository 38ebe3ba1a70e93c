import { go, urlWith } from '../../../app/address.ts';
import { useKeys } from '../../../app/keys.ts';
import { stepFrom } from './stepFrom.ts';
import type { Timeline } from './useTimeline.ts';

/** More entries are read when only this many are left below the selected one. */
const MAX_AHEAD = 10;

/**
 * Binds j and k to the older and the newer revision, and c to a comparison with the present revision,
 * or with the one before it. Without a revision they do nothing.
 */
export function useSteps(timeline: Timeline, revision: number | null): void {
  const { entries, hasMore, more } = timeline;
  const select = (step: 'older' | 'newer'): void => {
    if (revision === null) return;
    const left = entries.filter((entry) => entry.revision < revision).length;
    const isNear = left < MAX_AHEAD && revision >= (entries.at(-1)?.revision ?? Infinity);
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
      if (revision === null) return;
      const query = new URLSearchParams(location.search);
      go(urlWith({ with: query.get('with') === 'present' ? null : 'present' }), { replace: true });
    },
  });
}
