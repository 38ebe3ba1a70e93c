import type { VNode } from 'preact';
import { useAddress } from '../app/address.ts';
import { texts } from '../texts/texts.ts';
import { serverNow } from '../time/serverClock.ts';
import { html } from './html.ts';
import { instantText } from './values.ts';

/**
 * What a printed screen says about itself, because its filters and buttons are not printed: when it was printed, `notes` on what it
 * shows, and whether it is one page of several. `next`: the cursor of the next page.
 */
export function OnPaper({ notes = [], next }: { notes?: readonly string[]; next: string | null }): VNode {
  const words = texts().roll;
  const isPart = next !== null || useAddress().query.has('cursor');
  const parts = [words.printed(instantText(serverNow().toISOString())), ...notes];
  return html`<p class="on-paper">${[...parts, ...(isPart ? [words.onePage] : [])].join(' · ')}</p>`;
}
