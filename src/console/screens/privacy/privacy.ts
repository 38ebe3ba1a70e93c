import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { useGet } from '../../app/useGet.ts';
import { Field, Select } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import { KINDS, type Kind } from '../people/kinds.ts';
import { CertificateFacts, type Certificate } from './certificate.ts';
import { PrivacyActions } from './privacyActions.ts';

/** Exports or erases a person by DNI or id, and lists all erasures. Works for a role that sees no records. */
export function Privacy(): VNode {
  const words = texts().privacy;
  const { answer, error, isLoading, reload } = useGet<{ erasures: Certificate[] }>('/admin/erasures');
  const erasures = [...(answer?.body.erasures ?? [])].reverse();
  return html`<${Heading} title=${words.title}><p class="muted">${words.lead}</p><//>
    <${FindPerson} erased=${reload} />
    <h2>${words.erasures}</h2>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!answer && isLoading && html`<${Loading} />`}
    ${answer && erasures.length === 0 && html`<${Empty}>${words.none}<//>`}
    <ol class="cards">
      ${erasures.map(
        (certificate) =>
          html`<li class="card" key=${certificate.erasure}>
            <${CertificateFacts} certificate=${certificate} />
          </li>`,
      )}
    </ol>`;
}

function FindPerson({ erased }: { erased(): void }): VNode {
  const { privacy: words, roll } = texts();
  const kind = useAddress().query.get('kind') === KINDS.personas.name ? KINDS.personas : KINDS.users;
  const [key, setKey] = useState('');
  const typed = key.trim();
  return html`<form
    class="card filters roomy"
    onSubmit=${(event: Event) => {
      event.preventDefault();
    }}
  >
    <${Select}
      label=${words.kind}
      value=${kind.name}
      options=${[
        ['users', roll.users],
        ['personas', roll.personas],
      ]}
      onPick=${(name: Kind['name']) => {
        go(urlWith({ kind: name }), { replace: true });
        setKey('');
      }}
    />
    <${Field} label=${kind.name === 'users' ? words.userKey : words.personaKey}>
      <input
        autocomplete="off"
        spellcheck=${false}
        value=${key}
        onInput=${(event: Event) => {
          setKey((event.currentTarget as HTMLInputElement).value);
        }}
      />
    <//>
    <div class="row-actions">
      <${PrivacyActions}
        one=${kind.one}
        path=${`${kind.list}/${encodeURIComponent(typed)}`}
        name=${kind.subject}
        dni=${null}
        isReady=${typed !== ''}
        erased=${() => {
          setKey('');
          erased();
        }}
      />
    </div>
  </form>`;
}
