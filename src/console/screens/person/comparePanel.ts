import type { VNode } from 'preact';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { pathWith } from '../../app/api.ts';
import { useGet } from '../../app/useGet.ts';
import { useSettled } from '../../app/useSettled.ts';
import { ChangesTable, type Change } from '../../parts/changesTable.ts';
import { html } from '../../parts/html.ts';
import { Failure } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';

/** Compares the selected revision with the one before it, the present one, or any other. */
export function ComparePanel({
  path,
  revision,
  present,
}: {
  path: string;
  revision: number;
  present: number | null;
}): VNode | null {
  const words = texts().person;
  const { query } = useAddress();
  const asked = query.get('with');
  const other = otherOf(asked, { revision, present });
  const [from, to] = other === null ? [0, 0] : [Math.min(other, revision), Math.max(other, revision)];
  const difference = other === null || from === to ? null : pathWith(`${path}/diff`, { from, to });
  const settled = useSettled(difference);
  const { answer, answered, error, reload } = useGet<{ changes: Change[] }>(settled);
  const last = present ?? revision;
  if (last === 0) return null;
  const pick = (value: string): void => {
    go(urlWith({ with: value === 'previous' ? null : value }), { replace: true });
  };
  return html`<section class="compare" aria-labelledby="compare-title">
    <div class="document-head">
      <h2 id="compare-title">
        ${other === null || from === to ? words.compareWith : words.comparing(from, to)}
      </h2>
      <label class="inline">
        <span>${words.compareWith}</span>
        <select
          onChange=${(event: Event) => {
            pick((event.currentTarget as HTMLSelectElement).value);
          }}
        >
          <option value="previous" selected=${asked === null}>${words.previous}</option>
          ${revision !== last && html`<option value="present" selected=${asked === 'present'}>${words.current}</option>`}
          ${choicesOf(last, revision, asked).map((one) => html`<option value=${String(one)} selected=${asked === String(one)}>${words.revision(one)}</option>`)}
        </select>
      </label>
      ${last > 2 * MAX_DISTANCE && html`<${NumberBox} last=${last} value=${other} pick=${pick} />`}
    </div>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${answer && answered === difference && html`<${ChangesTable} changes=${answer.body.changes} caption=${words.comparing(from, to)} />`}
  </section>`;
}

/** Any revision of a history too long for a list of them all. */
const NumberBox = ({
  last,
  value,
  pick,
}: {
  last: number;
  value: number | null;
  pick(revision: string): void;
}): VNode =>
  html`<input
    class="revision-number"
    type="number"
    min="0"
    max=${last}
    aria-label=${texts().person.revisionNumber}
    value=${value ?? ''}
    onChange=${(event: Event) => {
      const typed = (event.currentTarget as HTMLInputElement).valueAsNumber;
      if (!Number.isNaN(typed)) pick(String(Math.max(0, Math.min(last, Math.trunc(typed)))));
    }}
  />`;

function otherOf(
  asked: string | null,
  { revision, present }: { revision: number; present: number | null },
): number | null {
  if (asked === 'present') return present;
  if (asked !== null && /^\d+$/.test(asked)) return Number(asked);
  return revision > 0 ? revision - 1 : present;
}

const MAX_DISTANCE = 50;

/** The revisions to choose from: all of a short history, the nearest ones of a long one. */
function choicesOf(last: number, revision: number, asked: string | null): number[] {
  const first = Math.max(0, Math.min(revision - MAX_DISTANCE, last - 2 * MAX_DISTANCE));
  const near = Array.from(
    { length: Math.min(last, first + 2 * MAX_DISTANCE) - first + 1 },
    (_, index) => first + index,
  );
  const extra = asked !== null && /^\d+$/.test(asked) && !near.includes(Number(asked)) ? [Number(asked)] : [];
  return [...new Set([0, ...extra, ...near])].filter((one) => one !== revision).sort((a, b) => b - a);
}
