import type { VNode } from 'preact';
import { html } from '../../parts/html.ts';
import { fieldName, instantText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { serverNow } from '../../time/serverClock.ts';

/**
 * What a roll on paper has to say of itself, because the filters are not printed: when it was printed, what was filtered, and whether it
 * is one page of several.
 */
export function OnPaper({
  filters,
  isPart,
}: {
  filters: Record<string, string | null>;
  isPart: boolean;
}): VNode {
  const words = texts().roll;
  const { q, categoria, socio, activo } = filters;
  const chosen = [
    [texts().search, q],
    [fieldName('categoria'), categoria],
    [fieldName('socio'), socio && (texts().socio[socio] ?? socio)],
    [words.active, activo && (activo === 'true' ? words.activeYes : words.activeNo)],
  ].flatMap(([name, value]) => (value ? `${name}: ${value}` : []));
  const parts = [
    words.printed(instantText(serverNow().toISOString())),
    ...chosen,
    isPart ? words.onePage : '',
  ];
  return html`<p class="on-paper">${parts.filter(Boolean).join(' · ')}</p>`;
}
