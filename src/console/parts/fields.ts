import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from '../texts/texts.ts';
import { isDate } from '../time/days.ts';
import { html } from './html.ts';

/** A field with its label above. */
export const Field = ({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children?: ComponentChildren;
}): VNode =>
  html`<label class="field">
    <span class="label">${label}</span>
    ${children} ${hint !== undefined && html`<span class="hint">${hint}</span>`}
  </label>`;

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, name: string])[];
  onPick(value: string): void;
}

/** A choice that takes effect at once. */
export const Select = ({ label, value, options, onPick }: SelectProps): VNode =>
  html`<${Field} label=${label}>
    <select
      onChange=${(event: Event) => {
        onPick((event.currentTarget as HTMLSelectElement).value);
      }}
    >
      ${options.map(([one, name]) => html`<option value=${one} selected=${one === value}>${name}</option>`)}
    </select>
  <//>`;

interface TextProps {
  label: string;
  value: string;
  type?: 'text' | 'search' | 'date' | 'datetime-local';
  placeholder?: string;
  max?: string;
  hint?: string;
  /** Called when the typing pauses; for dates, at once. */
  onText(text: string): void;
}

const PAUSE_MS = 250;

/**
 * A text field that takes effect when the typing pauses. Without the focus it follows `value`. A date
 * field is empty if `value` is not a date.
 */
export function TextField({
  label,
  value: given,
  type = 'text',
  placeholder = '',
  max,
  hint,
  onText,
}: TextProps): VNode {
  const value = type === 'date' && !isDate(given) ? '' : given;
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  const take = (event: Event): void => {
    const text = (event.currentTarget as HTMLInputElement).value;
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => {
        onText(text);
      },
      type === 'date' ? 0 : PAUSE_MS,
    );
  };
  return html`<${Field} label=${label} ...${hint === undefined ? {} : { hint }}>
    <input
      ref=${input}
      type=${type}
      placeholder=${placeholder}
      defaultValue=${value}
      max=${max}
      dir=${type === 'text' || type === 'search' ? 'auto' : null}
      autocomplete="off"
      spellcheck=${false}
      onInput=${take}
      data-search=${type === 'search' ? '' : null}
    />
  <//>`;
}

/** Focuses the search field, for the key `/`. */
export const focusSearch = (): void => document.querySelector<HTMLInputElement>('[data-search]')?.focus();

interface ReasonProps {
  value: string;
  hint?: string;
  onText(text: string): void;
}

export const ReasonField = ({ value, hint, onText }: ReasonProps): VNode =>
  html`<${Field} label=${texts().reason} ...${hint === undefined ? {} : { hint }}>
    <input
      required
      maxlength="200"
      dir="auto"
      value=${value}
      autofocus
      onInput=${(event: Event) => {
        onText((event.currentTarget as HTMLInputElement).value);
      }}
    />
  <//>`;
