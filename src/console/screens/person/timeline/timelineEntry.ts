import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { urlWith } from '../../../app/address.ts';
import { ChangeLines } from '../../../parts/changeLines.ts';
import { html } from '../../../parts/html.ts';
import { sentenceOf } from '../../../parts/sentence.ts';
import { timeText } from '../../../parts/values.ts';
import { texts } from '../../../texts/texts.ts';
import type { Entry } from './useTimeline.ts';

/** An entry of the timeline (what, when, who, why), linked to the document at that revision if `hasPast`. */
export function TimelineEntry({
  entry,
  isSelected,
  field,
  hasPast,
}: {
  entry: Entry;
  isSelected: boolean;
  field: string | null;
  hasPast: boolean;
}): VNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isSelected) place.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);
  const isFirst = entry.type.endsWith('Registered');
  const changes = entry.changes.filter((change) => field === null || change.field === field);
  return html`<div ref=${place} class=${isSelected ? 'entry selected' : 'entry'}>
    ${
      hasPast
        ? html`<a
            class="entry-title"
            href=${urlWith({ revision: String(entry.revision), at: null })}
            data-keep-scroll
            aria-current=${isSelected ? 'true' : null}
            >${sentenceOf(entry)}</a
          >`
        : html`<p class="entry-title">${sentenceOf(entry)}</p>`
    }
    <p class="muted entry-by">
      <time datetime=${entry.at} title=${entry.at}>${timeText(entry.at)}</time>${' · '}
      <bdi>${entry.actor.account}</bdi> · ${entry.actor.role}
      <span class="revision" title=${texts().person.revision(entry.revision)}>r${entry.revision}</span>
    </p>
    ${entry.reason !== null && html`<blockquote><bdi>${entry.reason}</bdi></blockquote>`}
    ${(!isFirst || field !== null) && html`<${ChangeLines} changes=${changes} isFirst=${isFirst} isOneField=${field !== null} />`}
  </div>`;
}
