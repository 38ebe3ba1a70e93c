import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask, pathWith } from '../../app/api.ts';
import type { ApiError } from '../../app/requests/apiError.ts';
import { useAddress } from '../../app/address.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { Dialog } from '../../parts/dialog.ts';
import { ReasonField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { Empty, Failure, messageOf, say } from '../../parts/notices.ts';
import { Pager } from '../../parts/pager.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import { subjectName } from '../audit/auditEntry.ts';
import { subjectUrl } from '../roll/recordUrl.ts';

interface Parked {
  id: string;
  projection: string;
  subject: string;
  revision: number;
  type: string;
  reason: string;
  attempts: number;
  at: string;
}

const POLL_MS = 10_000;

/** The parked subjects, with the actions to retry or skip their next event. */
export function ParkedList(): VNode {
  const words = texts().views;
  const features = useFeatures();
  const { query } = useAddress();
  const { answer, error, reload } = useGet<{ parked: Parked[]; next?: string | null }>(
    pathWith('/admin/parked', { cursor: query.get('cursor') }),
    POLL_MS,
  );
  const [skipped, setSkipped] = useState<Parked | null>(null);
  const [reason, setReason] = useState('');
  const path = ({ id }: Parked): string => `/admin/parked/${encodeURIComponent(id)}`;
  const retry = async (one: Parked): Promise<void> => {
    try {
      const { headers } = await ask(`${path(one)}/retry`, { method: 'POST' });
      const isStillParked = headers.has('x-padron-behind');
      say(isStillParked ? words.retriedInVain : words.retried, { isBad: isStillParked });
    } catch (thrown) {
      say(messageOf(thrown as ApiError), { isBad: true });
    }
    reload();
  };
  const skip = async (): Promise<void> => {
    if (!skipped) return;
    await ask(`${path(skipped)}/skip`, { method: 'POST', body: { reason: reason.trim() } });
    say(words.skipped);
    reload();
  };
  const parked = answer?.body.parked ?? [];
  return html`<section aria-labelledby="parked-title">
    <h2 id="parked-title">${words.parkedTitle}</h2>
    <p class="muted">${words.parkedLead}</p>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${answer && parked.length === 0 && html`<${Empty}>${words.parkedNone}<//>`}
    <ol class="cards">
      ${parked.map(
        (one) =>
          html`<li class="card" key=${one.id}>
            <h3>
              <a href=${subjectUrl(one.subject)}>${subjectName(one.subject)}</a>
              <span class="muted"> ${one.projection} · ${one.type} · r${one.revision}</span>
            </h3>
            <p class="fault">${one.reason}</p>
            <p class="muted">${words.attempts}: ${one.attempts} · <${When} at=${one.at} /></p>
            <div class="bar">
              ${features?.may('POST', '/admin/parked/{id}/retry') && html`<button type="button" onClick=${() => void retry(one)}>${words.retry}</button>`}
              ${
                features?.may('POST', '/admin/parked/{id}/skip') &&
                html`<button
                  type="button"
                  onClick=${() => {
                    setReason('');
                    setSkipped(one);
                  }}
                >
                  ${words.skip}
                </button>`
              }
            </div>
          </li>`,
      )}
    </ol>
    <${Pager} next=${answer?.body.next ?? null} />
    ${
      skipped &&
      html`<${Dialog}
        title=${words.skipTitle}
        action=${words.skip.replace('…', '')}
        isDangerous
        isReady=${reason.trim() !== ''}
        act=${skip}
        close=${() => {
          setSkipped(null);
        }}
      >
        <p>${words.skipLead}</p>
        <${ReasonField} value=${reason} onText=${setReason} />
      <//>`
    }
  </section>`;
}
