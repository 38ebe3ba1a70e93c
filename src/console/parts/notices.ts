import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../app/requests/apiError.ts';
import { createStore, useStore } from '../app/store.ts';
import { detailWords } from '../texts/detailWords.ts';
import { texts } from '../texts/texts.ts';
import { html } from './html.ts';

/** Shown only when loading takes long enough to notice. */
export function Loading(): VNode | null {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setLong(true);
    }, 250);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return isLong ? html`<p class="notice loading" role="status">${texts().loading}</p>` : null;
}

/** Says why there is nothing to see. */
export const Empty = ({ children }: { children?: ComponentChildren }): VNode =>
  html`<div class="notice empty">${children}</div>`;

/**
 * What went wrong, in the console's words, or in the server's if the console has none. `retry` reads
 * again, and is offered where that can help; a read that may succeed in a moment is repeated without it (see useGet).
 */
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }): VNode {
  const isClear = error.code !== 'taken' && error.code in knownMessages();
  const details = isClear || error.isPassing || error.isGone ? [] : error.details;
  return html`<div class="notice failure" role=${error.isPassing ? 'status' : 'alert'}>
    <p>${retry && error.isPassing ? `${sentenceFor(error)} ${texts().errors.retrying}` : messageOf(error)}</p>
    ${
      details.length > 0 &&
      html`<ul>
        ${details.map((one) => html`<li>${detailWords(one, texts()) ?? html`<span lang="en">${one}</span>`}</li>`)}
      </ul>`
    }
    ${retry && !error.isPassing && !error.isFinal && html`<button type="button" onClick=${retry}>${texts().errors.retry}</button>`}
  </div>`;
}

/** What went wrong with an action, which nothing repeats. */
export const messageOf = (error: ApiError): string =>
  error.isPassing ? `${sentenceFor(error)} ${texts().errors.later}` : sentenceFor(error);

const sentenceFor = ({ code, status }: ApiError): string =>
  knownMessages()[code] ?? (status >= 500 ? texts().errors.internal : texts().errors.title);

/** The console's words by error code. */
function knownMessages(): Record<string, string> {
  const { errors } = texts();
  return {
    unreachable: errors.unreachable,
    unavailable: errors.unavailable,
    'too-many-requests': errors.tooMany,
    forbidden: errors.forbidden,
    'not-found': errors.notFound,
    stale: errors.stale,
    taken: errors.taken,
    busy: errors.busy,
    'nothing-kept': errors.nothingKept,
    'not-loaded': errors.notLoaded,
    ended: errors.ended,
    erased: errors.erased,
    'not-sealed': errors.notSealed,
    internal: errors.internal,
  };
}

const said = createStore<{ text: string; isBad: boolean } | null>(null);
let silence = 0;

/** Reports what has been done in a corner of the page, and to screen readers. */
export function say(text: string, { isBad = false } = {}): void {
  clearTimeout(silence);
  said.set({ text, isBad });
  silence = setTimeout(() => {
    said.set(null);
  }, 6_000);
}

export function Toast(): VNode {
  const message = useStore(said);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${message && html`<p class=${message.isBad ? 'toast bad' : 'toast'}>${message.text}</p>`}
  </div>`;
}
