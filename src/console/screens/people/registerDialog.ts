import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../../app/address.ts';
import { ask } from '../../app/api.ts';
import { Dialog } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { say } from '../../parts/notices.ts';
import type { Member } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { today } from '../../time/today.ts';
import { keyOf, personUrl, type Document, type Kind } from './kinds.ts';
import { RecordFields, USER_FIELDS, valueOf } from './recordFields.ts';

/** The members of a new record, in the order of the form. */
const FIELDS: Record<Kind['name'], readonly string[]> = {
  users: ['dni', ...USER_FIELDS, 'password'],
  personas: ['nombres', 'apellidos', 'dni', 'cuenta', 'telefono', 'foto_url'],
};

const NULLABLE = ['cuota', 'foto_url'];

/** What the form begins with. */
const first = ({ name }: Kind): Document => ({
  ...Object.fromEntries(FIELDS[name].map((field) => [field, valueOf(field, '', NULLABLE)])),
  ...(name === 'users' ? { socio: 'Socio', fechaalta: today() } : {}),
});

/** A form that registers a person and then opens the new record. */
export function RegisterDialog({ kind, close }: { kind: Kind; close(): void }): VNode {
  const words = texts().roll;
  const [record, setRecord] = useState<Document>(() => first(kind));
  const isReady = record['dni'] !== '' && (record['nombre'] ?? record['nombres']) !== '';
  const register = async (): Promise<void> => {
    const { body } = await ask<Document>(kind.list, { method: 'POST', body: record });
    say(words.registered);
    go(personUrl(kind, keyOf(kind, body)));
  };
  return html`<${Dialog}
    title=${words.registerTitle}
    action=${words.registerTitle}
    isReady=${isReady}
    act=${register}
    close=${close}
  >
    <${RecordFields}
      fields=${FIELDS[kind.name]}
      record=${record}
      nullable=${NULLABLE}
      change=${(field: string, value: Member) => {
        setRecord({ ...record, [field]: value });
      }}
    />
  <//>`;
}
