import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, ask, pathWith } from '../../app/api.ts';
import { download } from '../../app/download.ts';
import { useFeatures } from '../../app/features.ts';
import { Dialog } from '../../parts/dialog.ts';
import { Field, ReasonField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { messageOf, say } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import type { Document, Kind } from '../roll/kinds.ts';

interface Props {
  kind: Kind;
  path: string;
  document: Document;
  subject: string | null;
}

/** What can be done with a person beside restoring: each only where the server has it and the role may. */
export function PersonActions({ kind, path, document, subject }: Props): VNode {
  const words = texts().person;
  const features = useFeatures();
  const [isErasing, setErasing] = useState(false);
  const save = (): void => {
    download(`${path}/export`, { accept: 'application/json', name: `${subject ?? kind.subject}.json` }).catch(
      (error: unknown) => {
        say(messageOf(error as ApiError), { isBad: true });
      },
    );
  };
  return html`<div class="actions">
    ${subject !== null && features?.may('GET', '/audit') && html`<a class="button" href=${pathWith('/console/audit', { subject })}>${words.auditLink}</a>`}
    <button
      type="button"
      onClick=${() => {
        print();
      }}
    >
      ${texts().print}
    </button>
    ${features?.may('GET', `${kind.one}/export`) && html`<button type="button" onClick=${save}>${words.export}</button>`}
    ${
      features?.may('POST', `${kind.one}/erase`) &&
      html`<button
        type="button"
        class="danger-quiet"
        onClick=${() => {
          setErasing(true);
        }}
      >
        ${words.erase}
      </button>`
    }
    ${
      isErasing &&
      html`<${EraseDialog}
        path=${path}
        dni=${String(document['dni'])}
        close=${() => {
          setErasing(false);
        }}
      />`
    }
  </div>`;
}

function EraseDialog({ path, dni, close }: { path: string; dni: string; close(): void }): VNode {
  const words = texts().person;
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const erase = async (): Promise<void> => {
    await ask(`${path}/erase`, { method: 'POST', body: { reason: reason.trim(), confirm: typed.trim() } });
    say(words.erased);
    location.reload();
  };
  return html`<${Dialog}
    title=${words.eraseTitle}
    action=${words.eraseButton}
    isDangerous
    isReady=${typed.trim() === dni && reason.trim() !== ''}
    act=${erase}
    close=${close}
  >
    <p>${words.eraseLead}</p>
    <${ReasonField} value=${reason} onText=${setReason} />
    <${Field} label=${words.eraseConfirm(dni)}>
      <input
        autocomplete="off"
        value=${typed}
        onInput=${(event: Event) => {
          setTyped((event.currentTarget as HTMLInputElement).value);
        }}
      />
    <//>
  <//>`;
}
