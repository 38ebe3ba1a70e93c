import { texts } from './texts.ts';

/** What a page without entries says. `none`: that there are none at all, which only the whole walk shows. */
export function emptyPage(
  { next, isFirst }: { next: string | null; isFirst: boolean },
  none: string,
): string {
  if (next !== null) return texts().audit.short;
  return isFirst ? none : texts().audit.noMore;
}
