import type { VNode } from 'preact';
import { saveJson } from '../../app/download.ts';
import { html } from '../../parts/html.ts';
import { instantText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';

/** The certificate of an erasure, as the API answers it. Contains no personal data. */
export interface Certificate {
  erasure: string;
  subject: string;
  erasedAt: string;
  by: { account: string; role: string };
  reason: string;
  keys: string[];
  verified: { events: boolean; views: boolean; keyStore: boolean };
}

/** A certificate: what was erased, when, by whom and why, and what was verified. */
export function CertificateFacts({ certificate }: { certificate: Certificate }): VNode {
  const { certificate: words, reason: reasonLabel } = texts();
  const { erasure, subject, erasedAt, by, reason, keys, verified } = certificate;
  const checks = [
    [verified.events, words.events],
    [verified.views, words.views],
    [verified.keyStore, words.keyStore],
  ] as const;
  const facts: [string, unknown][] = [
    [words.subject, html`<code>${subject}</code>`],
    [
      words.erasedAt,
      html`<time datetime=${erasedAt} title=${erasedAt}>${instantText(erasedAt, true)}</time>`,
    ],
    [words.by, html`<bdi>${by.account}</bdi> · ${by.role}`],
    [reasonLabel, html`<bdi>${reason}</bdi>`],
    [words.erasure, html`<code>${erasure}</code>`],
    [words.keys, html`<code>${keys.join(', ')}</code>`],
  ];
  return html`<dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <ul class="checks">
      ${checks.map(([isTrue, text]) => html`<li class=${isTrue ? 'good' : 'fault'}>${isTrue ? '✓' : '…'} ${text}</li>`)}
    </ul>
    <div class="row-actions">
      <button
        type="button"
        onClick=${() => {
          saveJson(certificate, `erasure-${subject}.json`);
        }}
      >
        ${words.save}
      </button>
    </div>`;
}
