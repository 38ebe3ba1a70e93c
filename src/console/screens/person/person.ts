import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { urlWith, useAddress } from '../../app/address.ts';
import type { ApiError } from '../../app/requests/apiError.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import type { Member } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { today } from '../../time/today.ts';
import { keyIn, kindAt, KINDS, nameOf, type Document } from '../people/kinds.ts';
import { ComparePanel } from './comparePanel.ts';
import { DocumentPanel } from './documentPanel.ts';
import { PersonActions } from './personActions.ts';
import { ResolveSubject } from './resolveSubject.ts';
import { TimelinePanel } from './timeline/timelinePanel.ts';
import { useSteps } from './timeline/useSteps.ts';
import { useTimeline, type Entry } from './timeline/useTimeline.ts';
import { apiPath, revisionIn, useDocument } from './usePerson.ts';

/** One person: the document next to its history. */
export function Person(): VNode {
  const { path } = useAddress();
  const kind = kindAt(path);
  if (path === '/console/me') return html`<${Page} kind=${KINDS.personas} path="/api/personas/me" />`;
  const key = keyIn(path);
  if (kind.name === 'users' && /^user-\d+$/.test(key)) return html`<${ResolveSubject} subject=${key} />`;
  return html`<${Page} kind=${kind} path=${apiPath(kind, key)} />`;
}

const numberIn = (text: string | null): number | null =>
  text !== null && /^\d+$/.test(text) ? Number(text) : null;

function Page({ kind, path }: { kind: ReturnType<typeof kindAt>; path: string }): VNode {
  const words = texts().person;
  const field = useAddress().query.get('field');
  const features = useFeatures();
  const timeline = useTimeline(path, field);
  const [isErased, setErased] = useState(false);
  const isOwn = path.endsWith('/me');
  const hasPast = features?.takes('GET', isOwn ? path : kind.one, 'revision') ?? false;
  const { present, shown, etag, presentRevision, revision, isPast, isNoState } = useAsked(path, hasPast);
  useSteps(timeline, hasPast ? revision : null);
  const reload = (): void => {
    present.reload();
    timeline.reload();
  };
  // After an erasure the DNI is free, so the server may answer 404.
  if (isErased || timeline.error?.code === 'erased') {
    return html`<${NobodyHere} title=${words.erasedTitle} why=${words.erased} />`;
  }
  const isGone = present.error?.status === 404 && timeline.entries.length > 0;
  if (present.error?.status === 404 && !timeline.isLoading && timeline.entries.length === 0) {
    const why = isOwn ? words.noRecord : words.unknown;
    return html`<${NobodyHere} title=${texts().errors.notFound} why=${why} />`;
  }
  const document = shown.answer?.body ?? null;
  const named = isNoState ? (present.answer?.body ?? null) : document;
  return html`<${Heading} title=${titleOf(named, isGone ? timeline.entries : null)}>
      ${
        document &&
        html`<${PersonActions}
          kind=${kind}
          path=${path}
          document=${present.answer?.body ?? document}
          etag=${etag}
          isOwn=${isOwn}
          changed=${reload}
          erased=${() => {
            setErased(true);
          }}
        />`
      }
    <//>
    ${isGone && !isPast && html`<p class="notice">${words.removedNow}</p>`}
    ${present.error && !isGone && html`<${Failure} error=${present.error} retry=${present.reload} />`}
    <div class="person">
      <section
        class=${shown.isLoading && document ? 'document stale' : 'document'}
        aria-labelledby="document-title"
        aria-busy=${shown.isLoading}
      >
        ${!document && shown.isLoading && html`<${Loading} />`}
        ${isPast && shown.error && html`<${PastFailure} error=${shown.error} retry=${shown.reload} />`}
        ${
          document &&
          html`<${DocumentPanel}
            kind=${kind}
            path=${path}
            document=${document}
            revision=${revision}
            present=${presentRevision}
            entry=${timeline.entries.find((one) => one.revision === revision) ?? null}
            canRestore=${isPast && (features?.may('POST', `${kind.one}/revert`) ?? false)}
            reload=${reload}
          />`
        }
        ${revision !== null && hasPast && !isNoState && html`<${ComparePanel} path=${path} revision=${revision} present=${presentRevision} />`}
      </section>
      <${TimelinePanel} timeline=${timeline} selected=${revision} field=${field} hasPast=${hasPast} />
    </div>`;
}

const NobodyHere = ({ title, why }: { title: string; why: string }): VNode =>
  html`<${Heading} title=${title} /><${Empty}>${why}<//>`;

const PastFailure = ({ error, retry }: { error: ApiError; retry(): void }): VNode =>
  error.isGone ? html`<${NoSuchState} />` : html`<${Failure} error=${error} retry=${retry} />`;

const NoSuchState = (): VNode =>
  html`<${Empty}
    >${texts().person.noSuchState}${' '}
    <a href=${urlWith({ revision: null, at: null, with: null })}>${texts().person.present}</a><//
  >`;

/** The present document, and the past one if the address names a revision or date. `hasPast`: whether the server shows past ones; people see their own record only as it is now. */
function useAsked(path: string, hasPast: boolean) {
  const address = useAddress();
  const query = hasPast ? address.query : new URLSearchParams();
  const present = useGet<Document>(path);
  const presentRevision = revisionIn(present.answer?.headers.get('etag') ?? null);
  // A date means its end, and today has not ended: read the present record instead.
  const at = query.get('at') === today() ? null : query.get('at');
  const asked = numberIn(query.get('revision'));
  const past = useDocument(path, { revision: asked, at: asked === null ? at : null });
  const isPast = (asked !== null && asked !== presentRevision) || (asked === null && at !== null);
  const dated = revisionIn(past.answer?.headers.get('etag') ?? null);
  return {
    present,
    shown: isPast ? past : present,
    /** Of the present document; null while a past one is shown. */
    etag: isPast ? null : (present.answer?.headers.get('etag') ?? null),
    presentRevision,
    revision: asked ?? (isPast ? dated : presentRevision),
    isPast,
    isNoState: isPast && past.error?.isGone === true,
  };
}

/** The name of a person, from the document or, without one, the last one in the history; an ellipsis while there is neither. */
function titleOf(document: Document | null, entries: readonly Entry[] | null): string {
  if (document) return nameOf(document);
  return entries ? lastName(entries) : '…';
}

/** The last name of a person who is no longer on the roll. */
function lastName(entries: readonly Entry[]): string {
  const last = (field: string): Member =>
    entries.flatMap(({ changes }) => changes).find((change) => change.field === field)?.after;
  return (
    nameOf({ nombre: last('nombre') ?? last('nombres'), apellidos: last('apellidos') }) ||
    texts().entry.removed
  );
}
