import type { VNode } from 'preact';
import { urlWith } from '../../app/address.ts';
import { ChangeLines } from '../../parts/changeLines.ts';
import { ChangesTable } from '../../parts/changesTable.ts';
import { html } from '../../parts/html.ts';
import { sentenceOf } from '../../parts/sentence.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import type { Entry } from '../person/timeline/useTimeline.ts';
import { subjectUrl } from '../roll/recordUrl.ts';

/** Changes that are shown before the user asks for all. */
const MAX_SHORT = 6;

/** An entry of the audit, with links to the person at that revision, the account and the operation. */
export function AuditEntry({ entry }: { entry: Entry }): VNode {
  const words = texts().audit;
  const { actor, at, changes, correlation, reason, subject } = entry;
  const isShort = !entry.type.endsWith('Registered') && changes.length <= MAX_SHORT;
  return html`<article class="audit-entry">
    <div class="line">
      <span class="when"><${When} at=${at} /></span>
      <a class="whom" href=${subjectUrl(subject, { revision: entry.revision })}>${subjectName(subject)}</a>
      <span class="what">${sentenceOf(entry)}</span>
      <span class="who">
        <a href=${urlWith({ actor: actor.account })} title=${`${words.actor}: ${actor.account}`}
          ><bdi>${actor.account}</bdi></a
        >
        <span class="muted"> ${actor.role}</span>
      </span>
      <a
        class="muted operation-link"
        href=${urlWith({ correlation })}
        title=${words.sameOperation}
        aria-label=${words.sameOperation}
        >⋯</a
      >
    </div>
    ${reason !== null && html`<blockquote><bdi>${reason}</bdi></blockquote>`}
    ${changes.length > 0 && (isShort ? html`<${ChangeLines} changes=${changes} />` : html`<${Details} entry=${entry} />`)}
  </article>`;
}

const Details = ({ entry }: { entry: Entry }): VNode =>
  html`<details>
    <summary>${texts().audit.details} (${entry.changes.length})</summary>
    <${ChangesTable} changes=${entry.changes} caption=${sentenceOf(entry)} />
  </details>`;

export function subjectName(subject: string): string {
  const [kind = '', id = ''] = subject.split('-');
  return `${texts().kinds[kind === 'persona' ? 'persona' : 'user']} ${id}`;
}
