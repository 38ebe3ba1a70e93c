import type { VNode } from 'preact';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { useFeatures } from '../../app/features.ts';
import { Select, TextField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { fieldName } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import type { Kind } from '../people/kinds.ts';
import { isRollList, seesPresent } from './rollPage.ts';
import { dayBefore } from '../../time/days.ts';
import { today } from '../../time/today.ts';

/** Puts the text of a field into the address. */
const setterOf =
  (name: string) =>
  (text: string): void => {
    go(urlWith({ [name]: text }), { replace: true });
  };

/** The search and the filters of the roll, as far as this server has them. */
export function RollFilters({ kind }: { kind: Kind }): VNode {
  const words = texts().roll;
  const { query } = useAddress();
  const features = useFeatures();
  // Changes cover everyone: the server takes no filters for them.
  const isList = isRollList(query);
  const takes = (name: string): boolean => features?.takes('GET', kind.list, name) ?? false;
  const value = (name: string): string => query.get(name) ?? '';
  const any = ['', texts().any] as const;
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
          onText=${setterOf('q')}
          placeholder=${kind.name === 'users' ? words.searchUsers : words.searchPersonas}
        />
      </div>`
    }
    ${isList && takes('categoria') && html`<${TextField} label=${fieldName('categoria')} value=${value('categoria')} onText=${setterOf('categoria')} />`}
    ${
      isList &&
      takes('socio') &&
      html`<${Select}
        label=${fieldName('socio')}
        value=${value('socio')}
        onPick=${setterOf('socio')}
        options=${[any, ['Socio', texts().socio['Socio']], ['NoSocio', texts().socio['NoSocio']]]}
      />`
    }
    ${
      isList &&
      takes('activo') &&
      html`<${Select}
        label=${words.active}
        value=${value('activo')}
        onPick=${setterOf('activo')}
        options=${[any, ['true', words.activeYes], ['false', words.activeNo]]}
      />`
    }
    <${Dates} kind=${kind} />
  </form>`;
}

/** The date of the list, or both dates of the changes. */
function Dates({ kind }: { kind: Kind }): VNode {
  const words = texts().roll;
  const { query } = useAddress();
  const features = useFeatures();
  const isList = isRollList(query);
  const hasAt = features?.takes('GET', kind.list, 'at') ?? false;
  const hasChanges = features?.may('GET', `${kind.list}/changes`) ?? false;
  // A date means its end: a role that may see past rolls only has none of today.
  const lastDay = seesPresent(kind) ? today() : dayBefore(today());
  return html`${
    hasAt &&
    html`<${TextField}
      type="date"
      label=${isList ? words.at : words.upTo}
      value=${query.get('at') ?? ''}
      max=${lastDay}
      onText=${setterOf('at')}
    /> `
  }
  ${hasChanges && html`<${TextField} type="date" label=${words.changesFrom} value=${query.get('from') ?? ''} max=${today()} onText=${setterOf('from')} />`}
  ${hasAt && html`<${QuickDates} label=${isList ? words.at : words.upTo} set=${setterOf('at')} present=${query.get('at') ?? ''} hasNow=${seesPresent(kind)} />`}
  ${
    !isList &&
    html`<div class="quick">
      <button
        type="button"
        class="chip"
        onClick=${() => {
          setterOf('from')('');
        }}
      >
        ${words.list}
      </button>
    </div>`
  }`;
}

interface QuickDatesProps {
  label: string;
  present: string;
  hasNow: boolean;
  set(date: string): void;
}

/** Buttons for the dates that are most often needed. */
function QuickDates({ label, present, hasNow, set }: QuickDatesProps): VNode {
  const words = texts().roll;
  const [year, month] = today().split('-');
  const dates = [
    ...(hasNow ? [['', words.now] as const] : []),
    [dayBefore(`${year}-${month}-01`), words.lastMonth],
    [`${Number(year) - 1}-12-31`, words.lastYear],
  ] as const;
  return html`<div class="quick" role="group" aria-label=${label}>
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

/** The filters of a roll in words, as on paper: «Category: honor». */
export function filterWords({ q, categoria, socio, activo }: Record<string, string | null>): string[] {
  const words = texts().roll;
  const chosen = [
    [texts().search, q],
    [fieldName('categoria'), categoria],
    [fieldName('socio'), socio && (texts().socio[socio] ?? socio)],
    [words.active, activo && (activo === 'true' ? words.activeYes : words.activeNo)],
  ];
  return chosen.flatMap(([name, value]) => (value ? `${name}: ${value}` : []));
}
