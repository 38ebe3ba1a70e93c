import type { VNode } from 'preact';
import { urlWith } from '../../app/address.ts';
import { html } from '../../parts/html.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { dayText, fieldName } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { operationsOf } from './operations.ts';
import { TimelineEntry } from './timelineEntry.ts';
import type { Timeline } from './usePerson.ts';

/** Everything that has happened, by day and operation; or the past of one field. */
export function TimelinePanel({
  timeline,
  selected,
  field,
}: {
  timeline: Timeline;
  selected: number | null;
  field: string | null;
}): VNode {
  const words = texts().person;
  const { entries, error, isLoading, hasMore, more, reload } = timeline;
  let day = '';
  return html`<section class="timeline" aria-labelledby="timeline-title" aria-busy=${isLoading}>
    <div class="document-head">
      <h2 id="timeline-title">${field === null ? words.timeline : words.past(fieldName(field))}</h2>
      ${field !== null && html`<a class="button" href=${urlWith({ field: null })} data-keep-scroll>${words.allFields}</a>`}
    </div>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${entries.length === 0 && isLoading && html`<${Loading} />`}
    ${entries.length === 0 && !isLoading && !error && html`<${Empty}>${field === null ? words.noEntries : words.noFieldEntries}<//>`}
    <ol class="entries">
      ${operationsOf(entries).map((operation) => {
        const [first] = operation;
        const isNewDay = dayText(first.at) !== day;
        day = dayText(first.at);
        return html`${isNewDay && html`<li class="day" key=${day}><h3>${day}</h3></li>`}
          <li key=${first.position} class=${operation.length > 1 ? 'operation many' : 'operation'}>
            ${operation.length > 1 && html`<p class="muted">${words.operation(operation.length)}</p>`}
            ${operation.map((entry) => html`<${TimelineEntry} key=${entry.position} entry=${entry} isSelected=${entry.revision === selected} field=${field} />`)}
          </li>`;
      })}
    </ol>
    ${hasMore && html`<button type="button" class="more" disabled=${isLoading} onClick=${more}>${words.older}</button>`}
  </section>`;
}
