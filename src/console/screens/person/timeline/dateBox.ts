import type { VNode } from 'preact';
import { go, urlWith, useAddress } from '../../../app/address.ts';
import { pageFacts } from '../../../facts/pageFacts.ts';
import { TextField } from '../../../parts/fields.ts';
import { html } from '../../../parts/html.ts';
import { texts } from '../../../texts/texts.ts';
import { dayIn } from '../../../time/days.ts';
import { today } from '../../../time/today.ts';

/** Leads to the record as of the end of a day. The address may name an instant of that day instead, as the roll's links do. */
export function DateBox(): VNode {
  const at = useAddress().query.get('at') ?? '';
  const instant = at.includes('T') ? Date.parse(at) : Number.NaN;
  return html`<div class="inline">
    <${TextField}
      type="date"
      label=${texts().roll.at}
      value=${Number.isNaN(instant) ? at : dayIn(pageFacts.timeZone, new Date(instant))}
      max=${today()}
      onText=${(date: string) => {
        go(urlWith({ at: date, revision: null, with: null }), { replace: true });
      }}
    />
  </div>`;
}
