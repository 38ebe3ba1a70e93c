import type { VNode } from 'preact';
import { pathWith } from '../../app/api.ts';
import { html } from '../../parts/html.ts';
import { ExportMenu } from '../roll/exportMenu.ts';
import type { Search } from './search.ts';

/** Saves everything that this search finds. */
export const AuditExport = ({ search }: { search: Search }): VNode =>
  html`<${ExportMenu} path=${pathWith('/audit', search)} name="audit" />`;
