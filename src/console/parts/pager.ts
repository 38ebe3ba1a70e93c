import type { VNode } from 'preact';
import { hasBack, urlWith, useAddress } from '../app/address.ts';
import { texts } from '../texts/texts.ts';
import { html } from './html.ts';

/** Links to the next page, the first, and the previous one if the Back button leads there. */
export function Pager({ next }: { next: string | null }): VNode | null {
  const address = useAddress();
  const isFirst = !address.query.has('cursor');
  if (isFirst && next === null) return null;
  return html`<nav class="pager" aria-label=${texts().next}>
    ${!isFirst && html`<a class="button" href=${urlWith({ cursor: null }, address)}>${texts().first}</a>`}
    ${
      !isFirst &&
      hasBack() &&
      html`<button
        type="button"
        onClick=${() => {
          history.back();
        }}
      >
        ${texts().previous}
      </button>`
    }
    <span class="spring"></span>
    ${next !== null && html`<a class="button" rel="next" href=${urlWith({ cursor: next }, address)}>${texts().next}</a>`}
  </nav>`;
}
