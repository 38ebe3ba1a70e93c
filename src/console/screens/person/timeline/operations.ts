import type { Entry } from './useTimeline.ts';

/** Groups neighbouring entries of the same request; keeps their order. */
export function operationsOf<One extends Pick<Entry, 'correlation'>>(
  entries: readonly One[],
): [One, ...One[]][] {
  const operations: [One, ...One[]][] = [];
  for (const entry of entries) {
    const last = operations.at(-1);
    if (last?.[0].correlation === entry.correlation) last.push(entry);
    else operations.push([entry]);
  }
  return operations;
}
