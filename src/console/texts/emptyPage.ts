import { texts } from './texts.ts';

/** The text of a page without entries: `none` only if there are none at all, so on a first page that is also the last. */
export function emptyPage(
  { next, isFirst }: { next: string | null; isFirst: boolean },
  none: string,
): string {
  if (next !== null) return texts().audit.short;
  return isFirst ? none : texts().audit.noMore;
}
