import type { VNode } from 'preact';
import { go, urlWith } from '../../app/address.ts';
import { Select, TextField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { fieldName } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { FILTERS, type Filter } from './search.ts';
import { valueWords } from './valueWords.ts';
import { useChoices } from './useChoices.ts';

/** The filters. Each takes effect at once and can be removed alone. */
export function AuditFilters({ query }: { query: URLSearchParams }): VNode {
  const words = texts().audit;
  const { types, fields } = useChoices();
  const value = (name: string): string => query.get(name) ?? '';
  const set =
    (name: string) =>
    (text: string): void => {
      go(urlWith({ [name]: text.trim() }), { replace: true });
    };
  const any = ['', texts().any] as const;
  const typeNames = types.map((one) => [one, valueWords('type', one)] as const);
  const fieldNames = fields.map((one) => [one, `${fieldName(one)} (${one})`] as const);
  return html`<form
      class="filters"
      role="search"
      onSubmit=${(event: Event) => {
        event.preventDefault();
      }}
    >
      <div class="wide">
        <${TextField}
          type="search"
          label=${words.q}
          placeholder=${words.words}
          value=${value('q')}
          onText=${set('q')}
        />
      </div>
      <${Select}
        label=${words.type}
        value=${value('type')}
        onPick=${set('type')}
        options=${[any, ...typeNames]}
      />
      <${Select}
        label=${words.field}
        value=${value('field')}
        onPick=${set('field')}
        options=${[any, ...fieldNames]}
      />
      <${TextField} label=${words.actor} value=${value('actor')} onText=${set('actor')} />
      <${TextField}
        label=${words.subject}
        placeholder=${words.subjectHint}
        value=${value('subject')}
        onText=${set('subject')}
      />
      <${TextField}
        type="date"
        label=${words.from}
        value=${value('from').slice(0, 10)}
        onText=${set('from')}
      />
      <${TextField} type="date" label=${words.to} value=${value('to').slice(0, 10)} onText=${set('to')} />
      <${Select}
        label=${words.order}
        value=${value('order')}
        onPick=${set('order')}
        options=${[
          ['', words.newest],
          ['asc', words.oldest],
        ]}
      />
    </form>
    <${Chosen} query=${query} />`;
}

/** The filters that are set, apart from the order. */
const chosenIn = (query: URLSearchParams): Filter[] =>
  FILTERS.filter((name) => name !== 'order' && (query.get(name) ?? '') !== '');

const wordsOf = (name: Filter, query: URLSearchParams): [name: string, value: string] => [
  texts().audit[name],
  valueWords(name, query.get(name) ?? ''),
];

/** The filters in words, as on paper. */
export const chosenWords = (query: URLSearchParams): string[] =>
  chosenIn(query).map((name) => wordsOf(name, query).join(': '));

function Chosen({ query }: { query: URLSearchParams }): VNode | null {
  const words = texts().audit;
  const set = chosenIn(query);
  if (set.length === 0) return null;
  const none = Object.fromEntries(FILTERS.map((name) => [name, null]));
  return html`<p class="chosen" aria-label=${words.filters} role="group">
    ${set.map((name) => {
      const [label, value] = wordsOf(name, query);
      return html`<a
        class="chip"
        href=${urlWith({ [name]: null })}
        data-keep-scroll
        title=${texts().clearOne(label)}
        >${label}: <bdi>${value}</bdi> <span aria-hidden="true">×</span></a
      >`;
    })}
    ${set.length > 1 && html`<a href=${urlWith(none)} data-keep-scroll>${texts().clear}</a>`}
  </p>`;
}
