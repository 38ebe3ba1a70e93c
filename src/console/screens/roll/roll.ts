import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { dayBefore } from '../../time/days.ts';
import { today } from '../../time/today.ts';
import { go, useAddress, urlWith } from '../../app/address.ts';
import { useFeatures } from '../../app/features.ts';
import { DialogButton } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { texts } from '../../texts/texts.ts';
import { kindAt, KINDS, type Kind } from '../people/kinds.ts';
import { RegisterDialog } from '../people/registerDialog.ts';
import { RollChanges } from './rollChanges.ts';
import { RollFilters } from './rollFilters.ts';
import { RollList } from './rollList.ts';
import { isRollList, seesPresent } from './rollPage.ts';
import { SavedRolls } from './savedRolls.ts';

/** Who is, or was, on the roll. The address has the whole query. */
export function Roll(): VNode {
  const words = texts().roll;
  const address = useAddress();
  const features = useFeatures();
  const kind = kindAt(address.path);
  const open = Object.values(KINDS).filter(({ list }) => features?.may('GET', list));
  const mode = address.query.get('show');
  // A role that may not see single documents may only see past rolls. Begin with yesterday's.
  const needsDate = features !== null && !seesPresent(kind) && !address.query.has('at');
  useEffect(() => {
    if (needsDate) go(urlWith({ at: dayBefore(today()) }), { replace: true });
  }, [needsDate]);
  const hasSaved = features?.may('GET', '/rolls') ?? false;
  return html`<${Heading} title=${words.title}>
      ${
        open.length + Number(hasSaved) > 1 &&
        html`<nav class="tabs" aria-label=${words.title}>
          ${open.map((one) => html`<a href=${one.path} aria-current=${one === kind && mode === null ? 'page' : null}>${words[one.name]}</a>`)}
          ${
            hasSaved &&
            html`<a
              href=${urlWith({ show: 'saved' }, { path: kind.path, query: new URLSearchParams() })}
              aria-current=${mode === 'saved' ? 'page' : null}
              >${words.saved}</a
            >`
          }
        </nav>`
      }
      ${open.length > 1 && mode === null && html`<p class="muted">${words.leads[kind.name]}</p>`}
      ${mode === null && features?.may('POST', kind.list) && html`<${DialogButton} label=${words.register} dialog=${(close: () => void) => html`<${RegisterDialog} kind=${kind} close=${close} />`} />`}
    <//>
    ${mode === 'saved' ? html`<${SavedRolls} kind=${kind} />` : html`<${RollFilters} kind=${kind} />${needsDate ? null : html`<${Listed} kind=${kind} />`}`}`;
}

function Listed({ kind }: { kind: Kind }): VNode {
  const { query } = useAddress();
  return isRollList(query) ? html`<${RollList} kind=${kind} />` : html`<${RollChanges} kind=${kind} />`;
}
