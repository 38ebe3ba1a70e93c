import type { VNode } from 'preact';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { TextField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { Empty, Loading } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import { useDescription, type Description, type Operation } from './description.ts';
import { OperationPage } from './operationPage.ts';
import { Overview } from './overview.ts';

/** The pages about the API, made from its description. Only sending a request needs a session. */
export function Docs(): VNode {
  const description = useDescription();
  const { query } = useAddress();
  const operation = description?.operations.find(({ operationId }) => operationId === query.get('operation'));
  return html`<div class="docs">
    ${description && html`<${Contents} description=${description} present=${operation} />`}
    <main id="content">
      ${!description && html`<${Loading} />`}
      ${description && (operation ? html`<${OperationPage} key=${operation.operationId} operation=${operation} schemas=${description.schemas} />` : html`<${Overview} description=${description} />`)}
    </main>
  </div>`;
}

function Contents({
  description: { tags, operations },
  present,
}: {
  description: Description;
  present: Operation | undefined;
}): VNode {
  const words = texts().docs;
  const find = useAddress().query.get('find') ?? '';
  const fits = ({ path, summary, method, operationId }: Operation): boolean =>
    `${method} ${path} ${summary} ${operationId}`.toLowerCase().includes(find.trim().toLowerCase());
  const fitting = operations.filter(fits);
  const look = (text: string): void => {
    go(urlWith({ find: text }), { replace: true });
  };
  return html`<nav class="contents" aria-label=${words.operations}>
    <${TextField} type="search" label=${words.find} value=${find} onText=${look} />
    <p>
      <a href=${urlWith({ operation: null })} aria-current=${present ? null : 'page'}
        >${words.title}: ${words.tokensTitle}, ${words.errorsTitle}</a
      >
    </p>
    ${fitting.length === 0 && html`<${Empty}>${words.noneFound}<//>`}
    ${tags.map(({ name }) => {
      const own = fitting.filter(({ tags: [tag] }) => tag === name);
      return (
        own.length > 0 &&
        html`<h2 lang="en">${name}</h2>
          <ul>
            ${own.map(
              ({ operationId, method, path, summary }) =>
                html`<li>
                  <a
                    href=${urlWith({ operation: operationId })}
                    title=${summary}
                    aria-current=${operationId === present?.operationId ? 'page' : null}
                  >
                    <span class=${`method ${method}`}>${method}</span>
                    <span class="path">${path.split(/(?=\/)/).map((part) => html`<wbr />${part}`)}</span>
                  </a>
                </li>`,
            )}
          </ul>`
      );
    })}
  </nav>`;
}
