import { serverNow } from './serverClock.ts';
import { dayIn } from './days.ts';

/** Where the service reads dates; the page carries it. */
const timeZone = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name=time-zone]')?.content ?? 'UTC';

/** Today as YYYY-MM-DD where the service reads dates: the browser may have another date. */
export const today = (): string => dayIn(timeZone(), serverNow());
