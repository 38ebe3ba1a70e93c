import type { VNode } from 'preact';
import { pathWith } from '../../app/api.ts';
import { useAddress } from '../../app/address.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { OnPaper } from '../../parts/onPaper.ts';
import { Pager } from '../../parts/pager.ts';
import { momentText } from '../../parts/values.ts';
import { emptyPage } from '../../texts/emptyPage.ts';
import { texts } from '../../texts/texts.ts';
import { ExportMenu } from './exportMenu.ts';
import type { Document, Kind } from '../people/kinds.ts';
import { filterWords } from './rollFilters.ts';
import { rollFilters, rollPagePath } from './rollPage.ts';
import { RollTable } from './rollTable.ts';

type Page = Partial<Record<Kind['name'], Document[]>> & { next: string | null; at?: string };

/** A page of the roll. */
export function RollList({ kind }: { kind: Kind }): VNode {
  const words = texts().roll;
  const { query } = useAddress();
  const features = useFeatures();
  const filters = rollFilters(kind, query);
  const { answer, error, isLoading, reload } = useGet<Page>(rollPagePath(kind, query));
  const documents = answer?.body[kind.name] ?? [];
  const at = answer?.body.at;
  const canExport = features?.takes('GET', kind.list, 'at') ?? false;
  return html`<section aria-busy=${isLoading} class=${isLoading && answer ? 'stale' : ''}>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!answer && isLoading && html`<${Loading} />`}
    ${
      answer &&
      html`<div class="bar">
          <p class="muted" role="status">
            ${words.shown(documents.length)}${at === undefined ? '' : html` · <strong>${words.asOf(momentText(at))}</strong>`}
          </p>
          ${canExport && documents.length > 0 && html`<${ExportMenu} path=${pathWith(kind.list, filters)} name=${kind.name} />`}
        </div>
        <${OnPaper} notes=${filterWords(filters)} next=${answer.body.next} />
        ${answer.headers.has('x-padron-behind') && html`<p class="notice">${texts().behind}</p>`}
        ${documents.length > 0 ? html`<${RollTable} kind=${kind} documents=${documents} at=${at ?? null} />` : html`<${Empty}>${emptyPage({ next: answer.body.next, isFirst: !query.has('cursor') }, whyEmpty(filters))}<//>`}
        <${Pager} next=${answer.body.next} />`
    }
  </section>`;
}

function whyEmpty({ at, q, ...filters }: Record<string, string | null>): string {
  const words = texts().roll;
  if (q) return words.emptySearch;
  if (Object.values(filters).some((value) => value)) return words.emptyFilters;
  return at ? words.emptyAt : words.emptyAll;
}
