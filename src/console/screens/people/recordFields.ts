import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Field, Select } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { fieldName, type Member } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import type { Document } from './kinds.ts';

/** The members of users that both forms have, in their order. */
export const USER_FIELDS: readonly string[] = [
  'nombre',
  'apellidos',
  'email',
  'telefono',
  'direccion',
  'CP',
  'poblacion',
  'provincia',
  'pais',
  'categoria',
  'socio',
  'cuota',
  'formadepago',
  'fechaalta',
];

const TYPES: Record<string, string> = {
  cuota: 'number',
  fechaalta: 'date',
  fechabaja: 'date',
  password: 'password',
};

interface Props {
  field: string;
  value: Member;
  onText(text: string): void;
}

interface FieldsProps {
  /** The members that the form has, in its order. */
  fields: readonly string[];
  record: Document;
  /** The members that are null if they are empty. */
  nullable: readonly string[];
  change(field: string, value: Member): void;
}

/** The fields of a form that makes or edits a record. */
export const RecordFields = ({ fields, record, nullable, change }: FieldsProps): VNode =>
  html`<div class="filters roomy">
    ${fields.map(
      (field) =>
        html`<${RecordField}
          key=${field}
          field=${field}
          value=${record[field]}
          onText=${(text: string) => {
            change(field, valueOf(field, text, nullable));
          }}
        />`,
    )}
  </div>`;

/** One of them. Without the focus it follows `value`. */
function RecordField({ field, value, onText }: Props): VNode {
  if (field === 'socio') {
    const options = Object.entries(texts().socio);
    return html`<${Select} label=${fieldName(field)} value=${value} options=${options} onPick=${onText} />`;
  }
  return html`<${Typed} field=${field} value=${value} onText=${onText} />`;
}

function Typed({ field, value, onText }: Props): VNode {
  const type = TYPES[field] ?? 'text';
  const input = useRef<HTMLInputElement>(null);
  const text = String(value ?? '');
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = text;
  }, [text]);
  return html`<${Field} label=${fieldName(field)}>
    <input
      ref=${input}
      type=${type}
      defaultValue=${text}
      dir=${type === 'text' ? 'auto' : null}
      step=${type === 'number' ? 'any' : null}
      min=${type === 'number' ? 0 : null}
      autocomplete=${type === 'password' ? 'new-password' : 'off'}
      spellcheck=${false}
      onInput=${(event: Event) => {
        onText((event.currentTarget as HTMLInputElement).value);
      }}
    />
  <//>`;
}

/** What a request has for the text of a field. `nullable`: the members that are null if they are empty. */
export function valueOf(field: string, text: string, nullable: readonly string[]): Member {
  if (text === '' && nullable.includes(field)) return null;
  return field === 'cuota' ? Number(text) : text;
}
