import htm from 'htm';
import { h, type VNode } from 'preact';

/** Markup as a template: html`<p class="x">${children}</p>`; a component is written <${Component} />. */
export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
