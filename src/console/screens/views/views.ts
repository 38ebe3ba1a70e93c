import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../app/api.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { Dialog } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Failure, Loading, say } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import { JobCard } from '../jobs/jobCard.ts';
import { isUnfinished, type Job } from '../jobs/job.ts';
import { LagChart } from './lagChart.ts';
import { ParkedList } from './parkedList.ts';
import { ViewTable, type View } from './viewTable.ts';

const POLL_MS = 2_000;

interface Question {
  title: string;
  lead: string;
  action: string;
  path: string;
}

/** The state of the views, and the actions on them. */
export function Views(): VNode {
  const words = texts().views;
  const features = useFeatures();
  const views = useGet<{ projections: View[] }>('/admin/projections', POLL_MS);
  const jobs = useGet<{ jobs: Job[] }>('/admin/jobs');
  const [question, setQuestion] = useState<Question | null>(null);
  const [begun, setBegun] = useState<readonly string[]>([]);
  // Also those that have ended since: a small view is rebuilt before the list is read.
  const shown = (jobs.answer?.body.jobs ?? []).filter((job) => isUnfinished(job) || begun.includes(job.id));
  const begin = async ({ path }: Question): Promise<void> => {
    const { body } = await ask<Job>(path, { method: 'POST' });
    setBegun([...begun, body.id]);
    say(words.begun);
    jobs.reload();
  };
  const of = (name: string, action: 'rebuild' | 'rollback'): Question => ({
    title: action === 'rebuild' ? words.rebuildTitle(name) : words.rollbackTitle(name),
    lead: action === 'rebuild' ? words.rebuildLead : words.rollbackLead,
    action: words[action],
    path: `/admin/projections/${encodeURIComponent(name)}/${action}`,
  });
  const verify = {
    title: words.verifyTitle,
    lead: words.verifyLead,
    action: words.verifyTitle,
    path: '/admin/verify',
  };
  return html`<${Heading} title=${words.title}>
      <p class="muted">${words.lead}</p>
      ${
        features?.may('POST', '/admin/verify') &&
        html`<button
          type="button"
          onClick=${() => {
            setQuestion(verify);
          }}
        >
          ${words.verify}
        </button>`
      }
    <//>
    ${views.error && html`<${Failure} error=${views.error} retry=${views.reload} />`}
    ${!views.answer && views.isLoading && html`<${Loading} />`}
    ${
      views.answer &&
      html`<${ViewTable}
          views=${views.answer.body.projections}
          ask=${(name: string, action: 'rebuild' | 'rollback') => {
            setQuestion(of(name, action));
          }}
        />
        <ol class="cards">
          ${shown.map(
            (job) =>
              html`<${JobCard}
                key=${job.id}
                job=${job}
                ended=${() => {
                  jobs.reload();
                  views.reload();
                }}
              />`,
          )}
        </ol>
        <${LagChart} views=${views.answer.body.projections} />`
    }
    <${ParkedList} />
    ${
      question &&
      html`<${Dialog}
        title=${question.title}
        action=${question.action}
        act=${() => begin(question)}
        close=${() => {
          setQuestion(null);
        }}
        ><p>${question.lead}</p><//
      >`
    }`;
}
