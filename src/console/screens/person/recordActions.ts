import type { VNode } from 'preact';
import { useFeatures, useRoles } from '../../app/features.ts';
import { DialogButton } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import type { Document, Kind } from '../people/kinds.ts';
import { EditDialog, EDITING } from './editDialog.ts';
import { RemoveAction } from './removeAction.ts';

/** The categories of users whom only administrators edit (docs/reference/tokens.md). */
const BEYOND_OTHERS = ['admin', 'administrador', 'auditor', 'dpo'];

interface Props {
  kind: Kind;
  document: Document;
  etag: string;
  /** Whether it is the record of the signed-in account. Only persons themselves may edit their records. */
  isOwn: boolean;
  changed(): void;
}

/** The buttons that edit a record and remove it from the roll, each if the role may. */
export function RecordActions({ kind, document, etag, isOwn, changed }: Props): VNode | null {
  const features = useFeatures();
  const isAdmin = useRoles().includes('admin');
  const { method, path } = EDITING[kind.name];
  const category = String(document['categoria'] ?? '')
    .trim()
    .toLowerCase();
  const isBeyond = !isAdmin && BEYOND_OTHERS.includes(category);
  if (!features || isBeyond) return null;
  const mayEdit = features.may(method, path) && (kind.name === 'users' || isOwn);
  const mayRemove = kind.name === 'users' && features.may('POST', '/users/delete');
  return html`${
    mayEdit &&
    html`<${DialogButton}
      label=${texts().person.edit}
      dialog=${(close: () => void) =>
        html`<${EditDialog}
          kind=${kind}
          document=${document}
          etag=${etag}
          changed=${changed}
          close=${close}
        />`}
    />`
  }
  ${mayRemove && html`<${RemoveAction} dni=${document['dni']} etag=${etag} changed=${changed} />`}`;
}
