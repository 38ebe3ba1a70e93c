import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { pathWith } from '../../app/api.ts';
import { serverNow } from '../../time/serverClock.ts';
import { useAddress } from '../../app/address.ts';
import { useGet } from '../../app/useGet.ts';
import { ChangesTable, type Change } from '../../parts/changesTable.ts';
import { html } from '../../parts/html.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { OnPaper } from '../../parts/onPaper.ts';
import { Pager } from '../../parts/pager.ts';
import { momentText } from '../../parts/values.ts';
import { emptyPage } from '../../texts/emptyPage.ts';
import { texts } from '../../texts/texts.ts';
import { ExportMenu } from './exportMenu.ts';
import type { Kind } from '../people/kinds.ts';
import { recordUrl } from './recordUrl.ts';
import { today } from '../../time/today.ts';

interface RollChange {
  kind: 'joined' | 'left' | 'changed';
  id: number;
  dni: string;
  name: string;
  changes: Change[];
}

interface Page {
  changes: RollChange[];
  next: string | null;
  from: string;
  to: string;
}

type Summary = Record<'joined' | 'left' | 'changed' | 'before' | 'after', number>;

/** Who joined, left or changed between two dates in the address: `from`, and `at` or now. */
export function RollChanges({ kind }: { kind: Kind }): VNode {
  const { query } = useAddress();
  return html`<${ChangesList}
    kind=${kind}
    path=${`${kind.list}/changes`}
    from=${query.get('from')}
    to=${query.get('at')}
  />`;
}

interface ListProps {
  kind: Kind;
  path: string;
  /** Null if the path implies it. */
  from?: string | null;
  /** A date or a roll's id; null and today mean now. */
  to: string | null;
}

/** A page of changes, with their total number. */
export function ChangesList({ kind, path, from = null, to }: ListProps): VNode {
  const words = texts().roll;
  const { query } = useAddress();
  // A date means its end, and today has not ended: ask up to now instead.
  const [now] = useState(() => serverNow().toISOString());
  const range = { from, to: to === null || to === today() ? now : to };
  const { answer, error, isLoading, reload } = useGet<Page>(
    pathWith(path, { ...range, cursor: query.get('cursor'), limit: 50 }),
  );
  const summary = useGet<Summary>(answer ? pathWith(path, { ...range, summary: 'true' }) : null);
  return html`<section aria-busy=${isLoading}>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!answer && isLoading && html`<${Loading} />`}
    ${
      answer &&
      html`<div class="bar">
          <p class="muted">${words.changesRange(momentText(answer.body.from), momentText(answer.body.to))}</p>
          <${ExportMenu} path=${pathWith(path, range)} name=${`${kind.name}-changes`} />
        </div>
        <${OnPaper} next=${answer.body.next} />
        ${summary.answer && html`<${Counts} counts=${summary.answer.body} />`}
        ${
          answer.body.changes.length === 0
            ? html`<${Empty}
                >${emptyPage({ next: answer.body.next, isFirst: !query.has('cursor') }, words.noChanges)}<//
              >`
            : html`<ol class="roll-changes">
                ${answer.body.changes.map((one) => html`<${ChangeOfPerson} kind=${kind} change=${one} />`)}
              </ol>`
        }
        <${Pager} next=${answer.body.next} />`
    }
  </section>`;
}

function Counts({ counts }: { counts: Summary }): VNode {
  const words = texts().roll;
  return html`<dl class="counts">
    ${(['before', 'joined', 'left', 'changed', 'after'] as const).map(
      (name) =>
        html`<div class=${name}>
          <dt>${words[name]}</dt>
          <dd>${counts[name]}</dd>
        </div>`,
    )}
  </dl>`;
}

function ChangeOfPerson({ kind, change }: { kind: Kind; change: RollChange }): VNode {
  const words = texts().roll;
  const key = kind.name === 'users' ? change.dni : String(change.id);
  const url = recordUrl(kind, { key, subject: `${kind.subject}-${change.id}` });
  return html`<li>
    <p>
      <span class=${`badge ${change.kind}`}>${words.changeOf[change.kind]}</span>${' '}
      <a href=${url}><bdi>${change.name}</bdi></a> <span class="muted">${change.dni}</span>
    </p>
    ${change.kind === 'changed' && html`<${ChangesTable} changes=${change.changes} caption=${change.name} />`}
  </li>`;
}
