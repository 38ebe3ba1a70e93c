import htm from 'htm';
import { h, type VNode } from 'preact';

/** Markup as a template: html`<p class="x">${children}</p>`, or html`<${Component} />`. */
export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
