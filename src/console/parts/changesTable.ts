import type { VNode } from 'preact';
import { texts } from '../texts/texts.ts';
import { html } from './html.ts';
import { fieldName, valueText, type Member } from './values.ts';

export interface Change {
  field: string;
  before: Member;
  after: Member;
}

/** A value, or a word for its absence. */
export const Value = ({ field, value }: { field: string; value: Member }): VNode => {
  const text = valueText(field, value);
  return text === null
    ? html`<span class="absent"
        ><span aria-hidden="true">${texts().none}</span
        ><span class="visually-hidden">${texts().changes.empty}</span></span
      >`
    : html`<bdi>${text}</bdi>`;
};

/** A table of changes: field, before, after. */
export function ChangesTable({ changes, caption }: { changes: readonly Change[]; caption: string }): VNode {
  const { changes: words } = texts();
  if (changes.length === 0) return html`<p class="muted">${words.none}</p>`;
  return html`<table class="changes">
    <caption class="visually-hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">${words.field}</th>
        <th scope="col">${words.before}</th>
        <th scope="col">${words.after}</th>
      </tr>
    </thead>
    <tbody>
      ${changes.map(
        ({ field, before, after }) =>
          html`<tr>
            <th scope="row">${fieldName(field)}</th>
            <td class="before"><${Value} field=${field} value=${before} /></td>
            <td class="after"><${Value} field=${field} value=${after} /></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
