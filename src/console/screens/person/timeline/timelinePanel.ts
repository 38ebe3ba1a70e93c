import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { urlWith } from '../../../app/address.ts';
import { language } from '../../../app/preferences.ts';
import { html } from '../../../parts/html.ts';
import { Empty, Failure, Loading } from '../../../parts/notices.ts';
import { OnPaper } from '../../../parts/onPaper.ts';
import { dayText, fieldName } from '../../../parts/values.ts';
import { texts } from '../../../texts/texts.ts';
import { DateBox } from './dateBox.ts';
import { operationsOf } from './operations.ts';
import { TimelineEntry } from './timelineEntry.ts';
import type { Entry, Timeline } from './useTimeline.ts';
import { useWindow } from './useWindow.ts';

/** A person's history by day and operation, or the history of one field. */
export function TimelinePanel({
  timeline,
  selected,
  field,
  hasPast,
}: {
  timeline: Timeline;
  selected: number | null;
  field: string | null;
  /** Whether the entries lead to the document at their revisions. */
  hasPast: boolean;
}): VNode {
  const words = texts().person;
  const { entries, error, isLoading, reload } = timeline;
  const shown = useWindow(
    timeline,
    entries.findIndex(({ revision }) => revision === selected),
  );
  const nodeOf = useEntryNodes(field, hasPast);
  let day = '';
  return html`<section class="timeline" aria-labelledby="timeline-title" aria-busy=${isLoading}>
    <div class="document-head">
      <h2 id="timeline-title">${field === null ? words.timeline : words.past(fieldName(field))}</h2>
      ${field !== null && html`<a class="button" href=${urlWith({ field: null })} data-keep-scroll>${words.allFields}</a>`}
      ${hasPast && html`<${DateBox} />`}
    </div>
    <${OnPaper} notes=${shown.hasNewer || shown.hasOlder ? [words.onePart] : []} next=${null} />
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${entries.length === 0 && isLoading && html`<${Loading} />`}
    ${entries.length === 0 && !isLoading && !error && html`<${Empty}>${field === null ? words.noEntries : words.noFieldEntries}<//>`}
    ${shown.hasNewer && html`<button type="button" class="more" onClick=${shown.newer}>${words.newer}</button>`}
    <ol class="entries">
      ${operationsOf(entries.slice(shown.start, shown.end)).map((operation) => {
        const [first] = operation;
        const isNewDay = dayText(first.at) !== day;
        day = dayText(first.at);
        return html`${isNewDay && html`<li class="day" key=${day}><h3>${day}</h3></li>`}
          <li key=${first.position} class=${operation.length > 1 ? 'operation many' : 'operation'}>
            ${operation.length > 1 && html`<p class="muted">${words.operation(operation.length)}</p>`}
            ${operation.map((entry) => nodeOf(entry, entry.revision === selected))}
          </li>`;
      })}
    </ol>
    ${shown.hasOlder && html`<button type="button" class="more" disabled=${isLoading} onClick=${shown.older}>${words.older}</button>`}
  </section>`;
}

/**
 * Caches the node of each entry until something about it changes, so that preact does not render it
 * again: a step through the revisions changes only two of them.
 */
function useEntryNodes(field: string | null, hasPast: boolean): (entry: Entry, isSelected: boolean) => VNode {
  const kept = useRef(new WeakMap<Entry, { key: string; node: VNode }>()).current;
  // The nodes contain links made from the address.
  const place = `${language()} ${urlWith({ revision: null, at: null })}`;
  return (entry, isSelected) => {
    const key = `${isSelected} ${place}`;
    const known = kept.get(entry);
    if (known?.key === key) return known.node;
    const node = html`<${TimelineEntry}
      key=${entry.position}
      entry=${entry}
      isSelected=${isSelected}
      field=${field}
      hasPast=${hasPast}
    />`;
    kept.set(entry, { key, node });
    return node;
  };
}
