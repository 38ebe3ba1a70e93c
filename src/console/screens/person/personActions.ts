import type { VNode } from 'preact';
import { pathWith } from '../../app/api.ts';
import { useFeatures } from '../../app/features.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { PrivacyActions } from '../privacy/privacyActions.ts';
import { subjectOf, type Document, type Kind } from '../people/kinds.ts';
import { RecordActions } from './recordActions.ts';

interface Props {
  kind: Kind;
  path: string;
  document: Document;
  /** The ETag of the present record; null if another one is shown. */
  etag: string | null;
  /** Whether it is the record of the signed-in account. */
  isOwn: boolean;
  changed(): void;
  erased(): void;
}

/** The actions on a person except restoring, as far as the server has them and the role may use them. */
export function PersonActions({ kind, path, document, etag, isOwn, changed, erased }: Props): VNode {
  const features = useFeatures();
  const subject = subjectOf(kind, document);
  return html`<div class="actions">
    ${etag !== null && html`<${RecordActions} kind=${kind} document=${document} etag=${etag} isOwn=${isOwn} changed=${changed} />`}
    ${features?.may('GET', '/audit') && html`<a class="button" href=${pathWith('/console/audit', { subject })}>${texts().person.auditLink}</a>`}
    <button
      type="button"
      onClick=${() => {
        print();
      }}
    >
      ${texts().print}
    </button>
    <${PrivacyActions}
      one=${isOwn ? '/api/personas/me' : kind.one}
      path=${path}
      name=${subject}
      dni=${String(document['dni'])}
      erased=${erased}
    />
  </div>`;
}
