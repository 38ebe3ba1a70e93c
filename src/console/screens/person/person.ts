import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { urlWith, useAddress } from '../../app/address.ts';
import type { ApiError } from '../../app/api.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import type { Member } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { today } from '../../time/today.ts';
import { keyIn, kindAt, KINDS, nameOf, type Document } from '../roll/kinds.ts';
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
  const { present, shown, presentRevision, revision, isPast, isNoState } = useAsked(path);
  useSteps(timeline, revision);
  const reload = (): void => {
    present.reload();
    timeline.reload();
  };
  const { error } = present;
  // After an erasure the DNI is free, so the server may answer 404.
  if (isErased || timeline.error?.code === 'erased') {
    return html`<${Heading} title=${words.erasedTitle} /><${Empty}>${words.erased}<//>`;
  }
  const isGone = error?.status === 404 && timeline.entries.length > 0;
  if (error?.status === 404 && !timeline.isLoading && timeline.entries.length === 0) {
    return html`<${Heading} title=${texts().errors.notFound} /><${Empty}
        >${isOwn ? words.noRecord : words.unknown}<//
      >`;
  }
  const document = shown.answer?.body ?? null;
  const named = isNoState ? present.answer?.body : document;
  const title = named ? nameOf(named) : isGone ? lastName(timeline.entries) : '…';
  return html`<${Heading} title=${title}>
      ${
        document &&
        html`<${PersonActions}
          kind=${kind}
          path=${path}
          document=${present.answer?.body ?? document}
          isOwn=${isOwn}
          erased=${() => {
            setErased(true);
          }}
        />`
      }
    <//>
    ${isGone && !isPast && html`<p class="notice">${words.removedNow}</p>`}
    ${error && !isGone && html`<${Failure} error=${error} retry=${present.reload} />`}
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
            canRestore=${!isOwn && isPast && (features?.may('POST', `${kind.one}/revert`) ?? false)}
            reload=${reload}
          />`
        }
        ${revision !== null && !isOwn && !isNoState && html`<${ComparePanel} path=${path} revision=${revision} present=${presentRevision} />`}
      </section>
      <${TimelinePanel} timeline=${timeline} selected=${revision} field=${field} />
    </div>`;
}

const PastFailure = ({ error, retry }: { error: ApiError; retry(): void }): VNode =>
  error.isGone ? html`<${NoSuchState} />` : html`<${Failure} error=${error} retry=${retry} />`;

const NoSuchState = (): VNode =>
  html`<${Empty}
    >${texts().person.noSuchState}${' '}
    <a href=${urlWith({ revision: null, at: null, with: null })}>${texts().person.present}</a><//
  >`;

/** The present document, and the past one if the address names a revision or date. */
function useAsked(path: string) {
  const { query } = useAddress();
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
    presentRevision,
    revision: asked ?? (isPast ? dated : presentRevision),
    isPast,
    isNoState: isPast && past.error?.isGone === true,
  };
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
