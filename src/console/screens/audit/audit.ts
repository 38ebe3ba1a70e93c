import type { VNode } from 'preact';
import { useAddress } from '../../app/address.ts';
import { pathWith } from '../../app/api.ts';
import { useGet } from '../../app/useGet.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { OnPaper } from '../../parts/onPaper.ts';
import { Pager } from '../../parts/pager.ts';
import { emptyPage } from '../../texts/emptyPage.ts';
import { texts } from '../../texts/texts.ts';
import { operationsOf } from '../person/timeline/operations.ts';
import type { HistoryPage } from '../person/timeline/useTimeline.ts';
import { AuditEntry } from './auditEntry.ts';
import { AuditExport } from './auditExport.ts';
import { AuditFilters, chosenWords } from './auditFilters.ts';
import { searchIn } from './search.ts';

const PAGE = 50;

/** The history of everyone. All filters are in the address. */
export function Audit(): VNode {
  const words = texts().audit;
  const { query } = useAddress();
  const search = searchIn(query);
  const { answer, error, isLoading, reload } = useGet<HistoryPage>(
    pathWith('/audit', { ...search, cursor: query.get('cursor'), limit: PAGE }),
  );
  const entries = answer?.body.entries ?? [];
  const isSearch = Object.keys(search).some((name) => name !== 'order');
  return html`<${Heading} title=${words.title}>
      <p class="muted">${search.order === 'asc' ? words.leadAsc : words.lead}</p>
    <//>
    <${AuditFilters} query=${query} />
    <section aria-busy=${isLoading} class=${isLoading && answer ? 'stale' : ''}>
      ${error && html`<${Failure} error=${error} retry=${reload} />`}
      ${!answer && isLoading && html`<${Loading} />`}
      ${answer && html`<div class="bar"><span class="muted" role="status">${texts().roll.shown(entries.length)}</span><${AuditExport} search=${search} /></div>`}
      ${answer && html`<${OnPaper} notes=${chosenWords(query)} next=${answer.body.next} />`}
      ${answer?.headers.has('x-padron-behind') && html`<p class="notice">${texts().behind}</p>`}
      ${
        answer &&
        (entries.length > 0
          ? html`<ol class="audit">
              ${operationsOf(entries).map(
                (operation) =>
                  html`<li
                    key=${operation[0].position}
                    class=${operation.length > 1 ? 'operation many' : 'operation'}
                  >
                    ${operation.map((entry) => html`<${AuditEntry} key=${entry.position} entry=${entry} />`)}
                  </li>`,
              )}
            </ol>`
          : html`<${Empty}
              >${emptyPage({ next: answer.body.next, isFirst: !query.has('cursor') }, isSearch ? words.empty : words.emptyAll)}<//
            >`)
      }
      ${answer && html`<${Pager} next=${answer.body.next} />`}
    </section>`;
}
