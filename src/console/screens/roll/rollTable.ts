import type { VNode } from 'preact';
import { html } from '../../parts/html.ts';
import { fieldName, valueText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { keyOf, nameOf, subjectOf, type Document, type Kind } from '../people/kinds.ts';
import { recordUrl } from './recordUrl.ts';

const COLUMNS: Record<Kind['name'], readonly string[]> = {
  users: ['dni', 'categoria', 'socio', 'cuota', 'fechaalta', 'fechabaja', 'poblacion'],
  personas: ['dni', 'telefono', 'created_at'],
};
const NUMBERS = new Set(['cuota']);

/** A list of people. Each row links to the person as of the same date. */
export function RollTable({
  kind,
  documents,
  at,
}: {
  kind: Kind;
  documents: readonly Document[];
  at: string | null;
}): VNode {
  const columns = COLUMNS[kind.name];
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts().roll[kind.name]}>
    <table class="list roll">
      <thead>
        <tr>
          <th scope="col">${texts().roll.name}</th>
          ${columns.map((field) => html`<th scope="col" class=${NUMBERS.has(field) ? 'number' : `is-${field}`}>${fieldName(field)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${documents.map(
          (document) =>
            html`<tr key=${keyOf(kind, document)}>
              <th scope="row">
                <a
                  href=${recordUrl(kind, { key: keyOf(kind, document), subject: subjectOf(kind, document) }, { at })}
                  ><bdi>${nameOf(document)}</bdi></a
                >
              </th>
              ${columns.map(
                (field) =>
                  html`<td class=${NUMBERS.has(field) ? 'number' : `is-${field}`}>
                    <bdi
                      >${valueText(field, document[field]) ?? html`<span class="absent" aria-hidden="true">${texts().none}</span>`}</bdi
                    >
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
