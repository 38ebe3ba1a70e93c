import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../app/api.ts';
import { Dialog } from '../../parts/dialog.ts';
import { Field, ReasonField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { CertificateFacts, type Certificate } from './certificate.ts';

interface Props {
  /** The person's path in the API. */
  path: string;
  /** The present DNI; null if the role may not see it. The server compares it in either case. */
  dni: string | null;
  close(): void;
  /** Called when the person is erased and the user has seen the certificate. */
  done(): void;
}

/** Asks for a reason and the DNI, erases the person, and shows the certificate. */
export function EraseDialog({ path, dni, close, done }: Props): VNode {
  const { person: words, certificate: proof } = texts();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [certificate, setCertificate] = useState<Certificate | null>(null);
  const erase = async (): Promise<void> => {
    const body = { reason: reason.trim(), confirm: typed.trim() };
    setCertificate((await ask<Certificate>(`${path}/erase`, { method: 'POST', body })).body);
  };
  if (certificate) {
    return html`<${Dialog} key="certificate" title=${proof.title} close=${done}>
      <p>${words.erased}</p>
      <${CertificateFacts} certificate=${certificate} />
    <//>`;
  }
  const isConfirmed = dni === null ? typed.trim() !== '' : typed.trim() === dni;
  return html`<${Dialog}
    key="question"
    title=${words.eraseTitle}
    action=${words.eraseButton}
    isDangerous
    staysOpen
    isReady=${isConfirmed && reason.trim() !== ''}
    act=${erase}
    close=${close}
  >
    <p>${words.eraseLead}</p>
    <${ReasonField} value=${reason} hint=${words.eraseReasonHint} onText=${setReason} />
    <${Field} label=${dni === null ? words.eraseConfirmUnseen : words.eraseConfirm(dni)}>
      <input
        autocomplete="off"
        spellcheck=${false}
        value=${typed}
        onInput=${(event: Event) => {
          setTyped((event.currentTarget as HTMLInputElement).value);
        }}
      />
    <//>
  <//>`;
}
