import type { VNode } from 'preact';
import { pathWith } from '../../app/api.ts';
import { useFeatures } from '../../app/features.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { PrivacyActions } from '../privacy/privacyActions.ts';
import { subjectOf, type Document, type Kind } from '../roll/kinds.ts';

interface Props {
  kind: Kind;
  path: string;
  document: Document;
  /** Whether it is the record of the signed-in account. */
  isOwn: boolean;
  erased(): void;
}

/** The actions on a person except restoring, as far as the server has them and the role may use them. */
export function PersonActions({ kind, path, document, isOwn, erased }: Props): VNode {
  const features = useFeatures();
  const subject = subjectOf(kind, document);
  return html`<div class="actions">
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
