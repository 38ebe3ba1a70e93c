import type { VNode } from 'preact';
import { Value, type Change } from './changesTable.ts';
import { html } from './html.ts';
import { fieldName } from './values.ts';

const SHOWN = 6;

interface Props {
  changes: readonly Change[];
  /** Whether these are the first values of a record. */
  isFirst?: boolean;
  /** Whether all changes are of one field, which a heading names already. */
  isOneField?: boolean;
}

/** Changes as short lines: «Fee 25 € → 45 €». */
export const ChangeLines = ({ changes, isFirst = false, isOneField = false }: Props): VNode =>
  html`<ul class="change-lines">
    ${changes.slice(0, SHOWN).map(
      ({ field, before, after }) =>
        html`<li>
          ${!isOneField && html`<span class="name">${fieldName(field)}</span>${' '}`}
          ${
            !isFirst &&
            html`<del><${Value} field=${field} value=${before} /></del
              ><span class="arrow" aria-hidden="true">${' → '}</span>`
          }
          <ins><${Value} field=${field} value=${after} /></ins>
        </li>`,
    )}
    ${changes.length > SHOWN && html`<li class="muted">+ ${changes.length - SHOWN}</li>`}
  </ul>`;
