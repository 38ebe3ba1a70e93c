import type { VNode } from 'preact';
import { ask } from '../../app/api.ts';
import type { ApiError } from '../../app/requests/apiError.ts';
import { useFeatures } from '../../app/features.ts';
import { Dialog, DialogButton } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { messageOf, say } from '../../parts/notices.ts';
import { durationText, numberText } from '../../parts/values.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import { isUnfinished, type Job } from './job.ts';
import { JobHead } from './jobHead.ts';
import { useLiveJob } from './useLiveJob.ts';

/** A job with its live progress and its actions. */
export function JobCard({ job: first, ended }: { job: Job; ended(): void }): VNode {
  const words = texts().jobs;
  const job = useLiveJob(first, ended);
  const { kind, projection, state, error, startedAt } = job;
  const of = kind === 'import' ? '' : `: ${projection ?? words.all}`;
  const name = (words.kinds[kind] ?? kind) + of;
  return html`<li class="card job">
    <${JobHead} level="h2" name=${name} state=${state} />
    ${isUnfinished(job) && html`<progress max="1" value=${job.share} aria-label=${words.progress(name)}></progress>`}
    <p class="figures">${figuresOf(job).join(' · ')}</p>
    ${error !== null && html`<p class="fault">${error}</p>`}
    ${state === 'done' && kind === 'verify' && html`<${Differences} job=${job} />`}
    <div class="bar">
      <p class="muted">${words.started} <${When} at=${startedAt} /></p>
      ${isUnfinished(job) && html`<${JobActions} job=${job} changed=${ended} ...${kind === 'import' ? { lead: texts().imports.cancelLead } : {}} />`}
    </div>
  </li>`;
}

function figuresOf(job: Job): string[] {
  const words = texts().jobs;
  const { processed, eventsPerSecond, etaSeconds, share, startedAt, endedAt } = job;
  const count = numberText(processed);
  const events = job.kind === 'import' ? texts().imports.figures.lines(count) : words.events(count);
  if (endedAt !== null) {
    return [events, words.took(durationText((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000))];
  }
  return [
    `${numberText(share * 100)} %`,
    events,
    ...(eventsPerSecond > 0 ? [words.rate(numberText(eventsPerSecond))] : []),
    ...(etaSeconds === null ? [] : [words.eta(durationText(etaSeconds))]),
  ];
}

interface JobActionsProps {
  job: Job;
  changed(): void;
  /** The path of the list that has the job. */
  place?: '/admin/jobs' | '/imports';
  /** A sentence on what a cancellation does. */
  lead?: string;
}

/** The actions of an unfinished job. */
export function JobActions({ job, changed, place = '/admin/jobs', lead }: JobActionsProps): VNode {
  const words = texts().jobs;
  const features = useFeatures();
  const path = `${place}/${encodeURIComponent(job.id)}`;
  const act = (suffix: string): void => {
    ask(path + suffix, { method: 'POST' })
      .catch((error: unknown) => {
        say(messageOf(error as ApiError), { isBad: true });
      })
      .finally(changed);
  };
  const cancel = async (): Promise<void> => {
    await ask(path, { method: 'DELETE' });
    changed();
  };
  return html`<div class="row-actions">
    ${
      job.state === 'running' &&
      features?.may('POST', `${place}/{id}/pause`) &&
      html`<button
        type="button"
        onClick=${() => {
          act('/pause');
        }}
      >
        ${words.pause}
      </button>`
    }
    ${
      job.state === 'paused' &&
      features?.may('POST', `${place}/{id}/resume`) &&
      html`<button
        type="button"
        onClick=${() => {
          act('/resume');
        }}
      >
        ${words.resume}
      </button>`
    }
    ${
      features?.may('DELETE', `${place}/{id}`) &&
      html`<${DialogButton}
        label=${words.cancel}
        style="danger-quiet"
        dialog=${(close: () => void) =>
          html`<${Dialog}
            title=${words.cancelTitle}
            action=${words.cancel}
            isDangerous
            act=${cancel}
            close=${close}
            ><p>${lead ?? words.cancelLead}</p><//
          >`}
      />`
    }
  </div>`;
}

function Differences({ job: { differences = [] } }: { job: Job }): VNode {
  const words = texts().jobs;
  if (differences.length === 0) return html`<p class="good">${words.noDifferences}</p>`;
  return html`<p class="fault">${words.differences(differences.length)}</p>
    <ul>
      ${differences.map(
        ({ projection, subject, member, problem }) =>
          html`<li>
            <code>${[projection, subject, member].filter((one) => one !== null).join(' ')}</code>:
            ${words.problems[problem] ?? problem}
          </li>`,
      )}
    </ul>`;
}
