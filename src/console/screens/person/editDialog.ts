import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../app/api.ts';
import { ApiError } from '../../app/requests/apiError.ts';
import { Dialog } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { say } from '../../parts/notices.ts';
import type { Member } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import type { Document, Kind } from '../people/kinds.ts';
import { RecordFields, USER_FIELDS } from '../people/recordFields.ts';

interface Editing {
  method: 'POST' | 'PUT';
  path: string;
  fields: readonly string[];
  nullable: readonly string[];
}

/** Where a record is edited, and the members that can be, in the order of the form. `nullable`: those that are null if they are empty. */
export const EDITING = {
  users: {
    method: 'POST',
    path: '/users/edit',
    fields: [...USER_FIELDS, 'fechabaja'],
    nullable: ['cuota', 'fechabaja'],
  },
  personas: {
    method: 'PUT',
    path: '/api/personas/me',
    fields: ['nombres', 'apellidos', 'dni', 'telefono', 'foto_url'],
    nullable: ['telefono', 'foto_url'],
  },
} as const satisfies Record<Kind['name'], Editing>;

interface Props {
  kind: Kind;
  /** As it is now, with its ETag. */
  document: Document;
  etag: string;
  close(): void;
  /** Called when the person has changed: by this edit, or by another user before it. */
  changed(): void;
}

/**
 * A form for the members of a record. Saves only what was edited here: if the person has changed since, nothing is saved, the form shows the
 * present values, and the same edit can be saved again.
 */
export function EditDialog({ kind, document, etag, close, changed }: Props): VNode {
  const words = texts().person;
  const { method, path, fields, nullable }: Editing = EDITING[kind.name];
  const [edits, setEdits] = useState<Document>({});
  const present = Object.fromEntries(fields.map((field) => [field, document[field]]));
  const isEdited = Object.entries(edits).some(([field, value]) => value !== present[field]);
  const save = async (): Promise<void> => {
    const body = kind.name === 'users' ? { dni: document['dni'], ...present, ...edits } : edits;
    try {
      await ask(path, { method, body, headers: { 'if-match': etag } });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'stale') changed();
      throw error;
    }
    say(words.saved);
    changed();
  };
  return html`<${Dialog}
    title=${words.editTitle}
    action=${words.save}
    isReady=${isEdited}
    act=${save}
    close=${close}
  >
    <${RecordFields}
      fields=${fields}
      record=${{ ...present, ...edits }}
      nullable=${nullable}
      change=${(field: string, value: Member) => {
        setEdits({ ...edits, [field]: value });
      }}
    />
  <//>`;
}
