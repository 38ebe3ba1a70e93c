import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { numberText } from '../../parts/values.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import { isUnfinished, type Job } from '../jobs/job.ts';
import { JobActions } from '../jobs/jobCard.ts';
import { JobHead } from '../jobs/jobHead.ts';
import { useLiveJob } from '../jobs/useLiveJob.ts';
import type { Counts, RefusedLine } from './plan.ts';
import { reasonWords, type Reason } from './reasonWords.ts';
import { figuresOf, RefusedLines } from './planPanel.ts';

/** An import as the API answers it. */
export interface ImportJob extends Job {
  import: {
    list: string | null;
    update: boolean;
    correlation: string;
    account: string;
    counts: Counts;
    failure?: Reason;
  };
}

/** An import with its live progress, its actions and its report. */
export function ImportCard({ job: first, changed }: { job: ImportJob; changed(): void }): VNode {
  const { imports: words, jobs } = texts();
  const job = useLiveJob(first, changed, '/imports') as ImportJob;
  const { state, share, error, startedAt, import: list } = job;
  const [isOpen, setOpen] = useState(false);
  const name = words.kinds[list.list ?? ''] ?? words.title;
  const audit = `/console/audit?correlation=${encodeURIComponent(list.correlation)}`;
  return html`<li class="card job">
    <${JobHead} level="h3" name=${name} state=${state} />
    ${isUnfinished(job) && html`<progress max="1" value=${share} aria-label=${jobs.progress(name)}></progress>`}
    <p class="figures">
      ${[...(isUnfinished(job) ? [`${numberText(share * 100)} %`] : []), ...figuresOf(list.counts)].join(' · ')}
    </p>
    ${error !== null && html`<p class="fault">${list.failure ? reasonWords(list.failure, error) : error}</p>`}
    <div class="bar">
      <p class="muted">${jobs.started} <${When} at=${startedAt} /> · <bdi>${list.account}</bdi></p>
      <div class="row-actions">
        <a href=${audit}>${words.audit}</a>
        ${
          list.counts.refused > 0 &&
          html`<button
            type="button"
            aria-expanded=${isOpen}
            onClick=${() => {
              setOpen(!isOpen);
            }}
          >
            ${words.report}
          </button>`
        }
        ${
          isUnfinished(job) &&
          html`<${JobActions} job=${job} changed=${changed} place="/imports" lead=${words.cancelLead} />`
        }
      </div>
    </div>
    ${isOpen && html`<${Report} id=${job.id} />`}
  </li>`;
}

function Report({ id }: { id: string }): VNode | null {
  const { answer } = useGet<{ total: number; refused: RefusedLine[] }>(
    `/imports/${encodeURIComponent(id)}/report`,
  );
  return answer && html`<${RefusedLines} refused=${answer.body.refused} total=${answer.body.total} />`;
}
