import { pageFacts } from '../facts/pageFacts.ts';
import { serverNow } from './serverClock.ts';
import { dayIn } from './days.ts';

/** Today as YYYY-MM-DD where the service reads dates: the browser may have another date. */
export const today = (): string => dayIn(pageFacts.timeZone, serverNow());
