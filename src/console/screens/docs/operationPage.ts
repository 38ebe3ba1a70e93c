import type { VNode } from 'preact';
import { html } from '../../parts/html.ts';
import { Heading } from '../../parts/heading.ts';
import { English } from './prose.ts';
import { texts } from '../../texts/texts.ts';
import type { ApiResponse, Schema } from '../../app/apiDescription.ts';
import { asText, exampleIn, resolved, typeOf, type Operation } from './description.ts';
import { TryForm } from './tryForm.ts';

interface Props {
  operation: Operation;
  schemas: Record<string, Schema>;
}

/** One operation: its roles, parameters, body and answers, and a form that sends it. */
export function OperationPage({ operation, schemas }: Props): VNode {
  const words = texts().docs;
  const { method, path, summary, description, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json'];
  return html`<${Heading} title=${summary} lang="en" />
    <p class="endpoint"><span class=${`method ${method}`}>${method}</span> <code>${path}</code></p>
    <p class="muted" lang="en">${description}</p>
    ${
      parameters.length > 0 &&
      html`<h2>${words.parameters}</h2>
        <${Parameters} operation=${operation} schemas=${schemas} />`
    }
    ${
      body &&
      html`<h2>${words.body}</h2>
        <${Members} schema=${resolved(body.schema, schemas)} schemas=${schemas} />`
    }
    <${TryForm} operation=${operation} />
    <h2>${words.answers}</h2>
    ${Object.entries(responses).map(([status, response]) => html`<${Response} status=${status} response=${response} />`)}`;
}

const Parameters = ({ operation: { parameters }, schemas }: Props): VNode =>
  html`<dl class="parameters">
    ${parameters.map(
      ({ name, in: place, required, description, schema }) =>
        html`<div>
          <dt>
            <code>${name}</code>
            <span class="muted"> ${place}${required ? `, ${texts().docs.required}` : ''}</span>
          </dt>
          <dd>
            ${description && html`<${English} text=${description} /> `}<code class="type"
              >${typeOf(schema ?? {}, schemas)}</code
            >
          </dd>
        </div>`,
    )}
  </dl>`;

const Members = ({ schema, schemas }: { schema: Schema; schemas: Record<string, Schema> }): VNode =>
  html`<dl class="parameters">
    ${Object.entries(schema.properties ?? {}).map(
      ([name, one]) =>
        html`<div>
          <dt>
            <code>${name}</code>
            <span class="muted"> ${schema.required?.includes(name) ? texts().docs.required : ''}</span>
          </dt>
          <dd>
            ${one.description !== undefined && html`<${English} text=${one.description} /> `}<code
              class="type"
              >${typeOf(one, schemas)}</code
            >
          </dd>
        </div>`,
    )}
  </dl>`;

function Response({
  status,
  response: { description, content = {} },
}: {
  status: string;
  response: ApiResponse;
}): VNode {
  const examples = Object.entries(content).flatMap(([type, media]) => {
    const named = Object.entries(media.examples ?? {}).map(([code, { value }]) => ({
      title: `${code} · ${type}`,
      value,
    }));
    const own = exampleIn(media);
    if (named.length > 0) return named;
    return own === undefined ? [] : [{ title: type, value: own }];
  });
  return html`<details class="response" open=${status.startsWith('2')}>
    <summary>
      <span class=${`status s${status[0] ?? ''}`}>${status}</span> <${English} text=${description} />
    </summary>
    ${examples.map(
      ({ title, value }) =>
        html`<figure>
          <figcaption>${title}</figcaption>
          <pre tabindex="0">${asText(value)}</pre>
        </figure>`,
    )}
  </details>`;
}
