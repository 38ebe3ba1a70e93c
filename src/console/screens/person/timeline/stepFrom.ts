/** The part of a timeline that has been read. */
interface Steps {
  entries: readonly { revision: number }[];
  hasMore: boolean;
}

/**
 * The revision one step away: that of the next entry or, if the timeline has not been read that far,
 * the next number. Null at either end. Pure.
 */
export function stepFrom(
  revision: number,
  step: 'older' | 'newer',
  { entries, hasMore }: Steps,
): number | null {
  const revisions = entries.map((entry) => entry.revision);
  const oldest = revisions.at(-1) ?? Infinity;
  const isRead = !hasMore || revision > oldest || (revision === oldest && step === 'newer');
  if (!isRead) return step === 'older' ? (revision > 0 ? revision - 1 : null) : revision + 1;
  const next =
    step === 'older' ? revisions.find((one) => one < revision) : revisions.findLast((one) => one > revision);
  return next ?? null;
}
