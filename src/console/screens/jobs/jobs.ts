import type { VNode } from 'preact';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import type { Job } from './job.ts';
import { JobCard } from './jobCard.ts';

const POLL_MS = 10_000;

/** The running jobs, and the last ones that ended. */
export function Jobs(): VNode {
  const words = texts().jobs;
  const { answer, error, isLoading, reload } = useGet<{ jobs: Job[] }>('/admin/jobs', POLL_MS);
  const jobs = answer?.body.jobs ?? [];
  return html`<${Heading} title=${words.title}><p class="muted">${words.lead}</p><//>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!answer && isLoading && html`<${Loading} />`}
    ${answer && jobs.length === 0 && html`<${Empty}>${words.none}<//>`}
    <ol class="cards">
      ${jobs.map((job) => html`<${JobCard} key=${job.id} job=${job} ended=${reload} />`)}
    </ol>`;
}
