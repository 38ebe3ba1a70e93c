import type { VNode } from 'preact';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { English, Prose } from './prose.ts';
import { texts } from '../../texts/texts.ts';
import type { Description } from './description.ts';

/** What all operations have in common: tokens and errors. */
export function Overview({ description }: { description: Description }): VNode {
  const words = texts().docs;
  return html`<${Heading} title=${`${description.title} ${description.version}`}>
      <a class="button" href="/openapi.json" download="openapi.json">${words.description}</a>
    <//>
    <p class="lead">${words.lead}</p>
    ${paragraphsOf(description.text).map((text) => html`<p><${English} text=${text} /></p>`)}
    <h2>${words.tokensTitle}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${words.tokensTitle}>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">${words.claim}</th>
            <th scope="col">${words.meaning}</th>
          </tr>
        </thead>
        <tbody>
          ${words.claims.map(
            ([claim, meaning]) =>
              html`<tr>
                <th scope="row"><code>${claim}</code></th>
                <td><${Prose} text=${meaning} /></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <h2>${words.errorsTitle}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${words.errorsTitle}>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">${words.code}</th>
            <th scope="col">${words.status}</th>
            <th scope="col">${words.meaning}</th>
          </tr>
        </thead>
        <tbody>
          ${errorsIn(description).map(
            ({ code, statuses, meaning }) =>
              html`<tr>
                <th scope="row"><code>${code}</code></th>
                <td>${statuses.join(', ')}</td>
                <td><${English} text=${meaning} /></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

const paragraphsOf = (text: string): string[] => text.split(/\n\s*\n/).filter((one) => one.trim() !== '');

interface ErrorCode {
  code: string;
  statuses: string[];
  meaning: string;
}

/** Every error code with its statuses and meaning, gathered from all operations. */
function errorsIn({ operations }: Description): ErrorCode[] {
  const codes = new Map<string, { statuses: Set<string>; meaning: string }>();
  for (const { responses } of operations) {
    for (const [status, { description }] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      for (const [, code = '', meaning = ''] of description.matchAll(/`([\w-]+)`: ([^`]+?)(?= `|$)/g)) {
        const known = codes.get(code) ?? { statuses: new Set<string>(), meaning };
        known.statuses.add(status);
        codes.set(code, known);
      }
    }
  }
  return [...codes]
    .map(([code, { statuses, meaning }]) => ({ code, statuses: [...statuses].sort(), meaning }))
    .sort((a, b) => (a.statuses[0] ?? '').localeCompare(b.statuses[0] ?? '') || a.code.localeCompare(b.code));
}
