import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useSession } from '../../app/session.ts';
import { Field } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { asText, exampleIn, type Operation } from './description.ts';
import { bodyTypeOf, curlOf, requestOf, type Request } from './request.ts';
import { sendRequest, type Sent } from './sendRequest.ts';

/** Browsers have a clipboard on https and localhost only. */
const CAN_COPY = 'clipboard' in navigator;

/** A form that sends the operation with the session's token and shows the answer. */
export function TryForm({ operation }: { operation: Operation }): VNode {
  const words = texts().docs;
  const { session } = useSession();
  const form = useRef<HTMLFormElement>(null);
  const ending = useRef<AbortController | null>(null);
  const [sent, setSent] = useState<Sent | null>(null);
  const [isSending, setSending] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const { parameters, requestBody, method, path } = operation;
  const body = requestBody?.content[bodyTypeOf(operation) ?? ''];
  const isOpen = operation.description.startsWith('Open');
  const request = (): Request =>
    requestOf(operation, form.current ? new FormData(form.current) : new FormData());
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    ending.current?.abort();
    ending.current = new AbortController();
    setSending(true);
    await sendRequest(request(), session?.token ?? null, { signal: ending.current.signal, show: setSent });
    setSending(false);
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(curlOf(request()));
    setCopied(true);
  };
  return html`<section class="try" aria-labelledby="try-title">
    <h2 id="try-title">${words.tryIt}</h2>
    ${!session && !isOpen && html`<p class="notice"><a href="/console">${words.signInFirst}</a></p>`}
    <form ref=${form} onSubmit=${(event: Event) => void submit(event)} key=${method + path}>
      <div class="filters">
        ${parameters.map(
          ({ name, in: place, required, example }) =>
            html`<${Field} label=${required ? `${name} *` : name}>
              <input
                name=${`${place} ${name}`}
                required=${required}
                placeholder=${example === undefined ? '' : asText(example)}
                defaultValue=${place === 'path' && example !== undefined ? asText(example) : ''}
                autocomplete="off"
              />
            <//>`,
        )}
      </div>
      ${body && html`<${Field} label=${words.body}><textarea name="body" rows="10" spellcheck=${false} defaultValue=${asText(exampleIn(body) ?? {})}></textarea><//>`}
      <div class="bar">
        <p class="muted">
          ${session ? words.asWho(session.account) : ''} ${method === 'GET' ? '' : words.careful}
        </p>
        <div class="row-actions">
          ${CAN_COPY && html`<button type="button" onClick=${() => void copy()}>${isCopied ? words.copied : words.copy}</button>`}
          ${
            isSending &&
            html`<button
              type="button"
              onClick=${() => {
                ending.current?.abort();
              }}
            >
              ${texts().cancel}
            </button>`
          }
          <button class="primary" disabled=${(!session && !isOpen) || isSending}>
            ${isSending ? words.sending : words.send}
          </button>
        </div>
      </div>
    </form>
    ${sent && html`<${SentAnswer} sent=${sent} />`}
  </section>`;
}

const SentAnswer = ({ sent: { status, headers, text, ms } }: { sent: Sent }): VNode =>
  html`<div class="answer" role="status">
    <p>
      <span class=${`status s${String(status)[0] ?? ''}`}
        >${status === 0 ? texts().errors.unreachable : status}</span
      >
      <span class="muted"> ${texts().docs.took(ms)}</span>
    </p>
    <pre tabindex="0" class="headers">${headers}</pre>
    <pre tabindex="0">${text}</pre>
  </div>`;
