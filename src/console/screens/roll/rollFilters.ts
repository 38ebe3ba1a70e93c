import type { VNode } from 'preact';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { useFeatures } from '../../app/features.ts';
import { Select, TextField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import type { Kind } from './kinds.ts';
import { isRollList } from './rollPage.ts';
import { dayBefore } from '../../time/days.ts';
import { today } from '../../time/today.ts';

/** The search and the filters of the roll, as far as this server has them. */
export function RollFilters({ kind }: { kind: Kind }): VNode {
  const words = texts().roll;
  const { query } = useAddress();
  const features = useFeatures();
  // Changes are about everybody: the server takes no filters for them.
  const isList = isRollList(query);
  const takes = (name: string): boolean => features?.takes('GET', kind.list, name) ?? false;
  const value = (name: string): string => query.get(name) ?? '';
  const set =
    (name: string) =>
    (text: string): void => {
      go(urlWith({ [name]: text }), { replace: true });
    };
  const any = ['', texts().any] as const;
  const hasChanges = features?.may('GET', `${kind.list}/changes`) ?? false;
  return html`<form
    class="filters"
    role="search"
    onSubmit=${(event: Event) => {
      event.preventDefault();
    }}
  >
    ${
      isList &&
      html`<div class="wide">
        <${TextField}
          type="search"
          label=${texts().search}
          value=${value('q')}
          onText=${set('q')}
          placeholder=${kind.name === 'users' ? words.searchUsers : words.searchPersonas}
        />
      </div>`
    }
    ${isList && takes('categoria') && html`<${TextField} label=${texts().fields['categoria']} value=${value('categoria')} onText=${set('categoria')} />`}
    ${
      isList &&
      takes('socio') &&
      html`<${Select}
        label=${texts().fields['socio']}
        value=${value('socio')}
        onPick=${set('socio')}
        options=${[any, ['Socio', texts().socio['Socio']], ['NoSocio', texts().socio['NoSocio']]]}
      />`
    }
    ${
      isList &&
      takes('activo') &&
      html`<${Select}
        label=${words.active}
        value=${value('activo')}
        onPick=${set('activo')}
        options=${[any, ['true', words.activeYes], ['false', words.activeNo]]}
      />`
    }
    ${
      takes('at') &&
      html`<${TextField}
        type="date"
        label=${words.at}
        value=${value('at')}
        max=${today()}
        onText=${set('at')}
      /> `
    }
    ${hasChanges && html`<${TextField} type="date" label=${words.changesFrom} value=${value('from')} max=${today()} onText=${set('from')} />`}
    ${takes('at') && html`<${QuickDates} set=${set('at')} present=${value('at')} />`}
  </form>`;
}

/** Buttons for the dates that are most often needed. */
function QuickDates({ set, present }: { set(date: string): void; present: string }): VNode {
  const words = texts().roll;
  const [year, month] = today().split('-');
  const dates = [
    ['', words.now],
    [dayBefore(`${year}-${month}-01`), words.lastMonth],
    [`${Number(year) - 1}-12-31`, words.lastYear],
  ] as const;
  return html`<div class="quick" role="group" aria-label=${words.at}>
    ${dates.map(
      ([date, name]) =>
        html`<button
          type="button"
          class="chip"
          aria-pressed=${date === present}
          onClick=${() => {
            set(date);
          }}
        >
          ${name}
        </button>`,
    )}
  </div>`;
}
