import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { ask } from '../../app/api.ts';
import { ApiError } from '../../app/requests/apiError.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Empty, Failure, Loading, say } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import { ImportCard, type ImportJob } from './importCard.ts';
import { ListForm } from './listForm.ts';
import { choicesIn, contentTypeOf, importPath, queryOf, type Choices, type Plan } from './plan.ts';
import { PlanPanel } from './planPanel.ts';
import { reasonWords } from './reasonWords.ts';

const POLL_MS = 10_000;

/** The error with its reason worded in the language of this browser. */
function inWords(error: ApiError): ApiError {
  const { status, code, reason, details, retryAfterSeconds } = error;
  if (!reason) return error;
  return new ApiError(status, code, {
    details: [reasonWords(reason, details[0] ?? code)],
    retryAfterSeconds,
  });
}

/** The screen for imports: choose a list, preview its effect, import it, and read the report. */
export function Imports(): VNode {
  const words = texts().imports;
  const features = useFeatures();
  const [file, setFile] = useState<File | null>(null);
  const choices = choicesIn(useAddress().query);
  const [reason, setReason] = useState('');
  const [plan, setPlan] = useState<Plan | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const checking = useRef<AbortController | null>(null);
  const imports = useGet<{ jobs: ImportJob[] }>('/imports', POLL_MS);
  const jobs = imports.answer?.body.jobs ?? [];

  const forget = (): void => {
    checking.current?.abort();
    setPlan(null);
    setError(null);
  };
  async function post<Body>(isDryRun: boolean): Promise<Body | null> {
    if (!file || isBusy) return null;
    const ending = (checking.current = new AbortController());
    setBusy(true);
    setError(null);
    try {
      const { body } = await ask<Body>(importPath({ ...choices, reason }, isDryRun), {
        method: 'POST',
        file,
        headers: { 'content-type': contentTypeOf(file) },
        signal: ending.signal,
      });
      return body;
    } catch (thrown) {
      if (thrown instanceof ApiError) setError(inWords(thrown));
      else if (!ending.signal.aborted) throw thrown;
      return null;
    } finally {
      setBusy(false);
    }
  }
  const preview = async (): Promise<void> => {
    setPlan(null);
    setPlan(await post<Plan>(true));
  };
  const run = async (): Promise<void> => {
    if (!(await post<ImportJob>(false))) return;
    setPlan(null);
    say(words.begun);
    imports.reload();
  };

  return html`<${Heading} title=${words.title}><p class="muted">${words.lead}</p><//>
    ${
      features?.may('POST', '/imports') &&
      html`<${ListForm}
        choices=${choices}
        hasFile=${file !== null}
        isBusy=${isBusy}
        pick=${(next: File | null) => {
          forget();
          setFile(next);
        }}
        choose=${(next: Choices) => {
          forget();
          go(urlWith(queryOf(next)), { replace: true });
        }}
        preview=${() => void preview()}
        stop=${forget}
      />`
    }
    ${error && html`<${Failure} error=${error} />`}
    ${
      plan &&
      html`<${PlanPanel}
        plan=${plan}
        reason=${reason}
        isBusy=${isBusy}
        explain=${setReason}
        run=${() => void run()}
      />`
    }
    <h2>${words.past}</h2>
    ${imports.error && html`<${Failure} error=${imports.error} retry=${imports.reload} />`}
    ${!imports.answer && imports.isLoading && html`<${Loading} />`}
    ${imports.answer && jobs.length === 0 && html`<${Empty}>${words.none}<//>`}
    <ol class="cards">
      ${jobs.map((job) => html`<${ImportCard} key=${job.id} job=${job} changed=${imports.reload} />`)}
    </ol>`;
}
