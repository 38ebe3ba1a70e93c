import type { VNode } from 'preact';
import { html } from '../../parts/html.ts';

/** A sentence of the description, which is in English, with its Markdown. */
export const English = ({ text }: { text: string }): VNode =>
  html`<span lang="en"><${Prose} text=${text} /></span>`;

/** A sentence with the Markdown that descriptions use: `code` and **strong**. */
export const Prose = ({ text }: { text: string }): VNode =>
  html`${text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    return part.startsWith('**') ? html`<strong>${part.slice(2, -2)}</strong>` : part;
  })}`;
