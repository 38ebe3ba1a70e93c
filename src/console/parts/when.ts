import type { VNode } from 'preact';
import { html } from './html.ts';
import { instantText } from './values.ts';

/** An instant in local time, with the exact one on hover. */
export const When = ({ at }: { at: string }): VNode =>
  html`<time datetime=${at} title=${at}>${instantText(at)}</time>`;
