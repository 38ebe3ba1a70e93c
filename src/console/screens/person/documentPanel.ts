import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { urlWith } from '../../app/address.ts';
import { Value } from '../../parts/changesTable.ts';
import { html } from '../../parts/html.ts';
import { fieldName } from '../../parts/values.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import type { Document, Kind } from '../people/kinds.ts';
import { RestoreDialog } from './restoreDialog.ts';
import type { Entry } from './timeline/useTimeline.ts';

const GROUPS: readonly (readonly [keyof ReturnType<typeof texts>['groups'], readonly string[]])[] = [
  ['identity', ['nombre', 'nombres', 'apellidos', 'dni', 'id', 'IdUsuario']],
  ['contact', ['email', 'telefono', 'direccion', 'CP', 'poblacion', 'provincia', 'pais', 'foto_url']],
  ['membership', ['categoria', 'socio', 'cuota', 'formadepago', 'fechaalta', 'fechabaja']],
];

interface Props {
  kind: Kind;
  path: string;
  document: Document;
  revision: number | null;
  present: number | null;
  entry: Entry | null;
  canRestore: boolean;
  reload(): void;
}

/** A document as it is, or as of a revision, with that revision's changes marked. */
export function DocumentPanel({
  path,
  document,
  revision,
  present,
  entry,
  canRestore,
  reload,
}: Props): VNode {
  const words = texts().person;
  const [isRestoring, setRestoring] = useState(false);
  const changed = new Set(
    entry && entry.changes.some(({ before }) => before !== null)
      ? entry.changes.map(({ field }) => field)
      : [],
  );
  const grouped = new Set(GROUPS.flatMap(([, fields]) => fields));
  const rest = Object.keys(document).filter((field) => !grouped.has(field));
  const isPresent = revision === present;
  return html`<div class="document-head">
      <h2 id="document-title">
        ${revision === null ? words.document : isPresent ? words.presentRevision(revision) : words.revision(revision)}
      </h2>
      ${entry && html`<p class="muted"><${When} at=${entry.at} /> · <bdi>${entry.actor.account}</bdi></p>`}
      <div class="row-actions">
        ${!isPresent && html`<a class="button" href=${urlWith({ revision: null, at: null, with: null })} data-keep-scroll>${words.present}</a>`}
        ${
          canRestore &&
          html`<button
            type="button"
            onClick=${() => {
              setRestoring(true);
            }}
          >
            ${words.restore}
          </button>`
        }
      </div>
    </div>
    ${[...GROUPS, ['account', rest] as const].map(([group, fields]) => {
      const own = fields.filter((field) => field in document);
      return (
        own.length > 0 &&
        html`<${Group}
          title=${texts().groups[group]}
          fields=${own}
          document=${document}
          changed=${changed}
        />`
      );
    })}
    ${
      isRestoring &&
      revision !== null &&
      present !== null &&
      html`<${RestoreDialog}
        path=${path}
        revision=${revision}
        close=${() => {
          setRestoring(false);
        }}
        changed=${reload}
      />`
    }`;
}

interface GroupProps {
  title: string;
  fields: readonly string[];
  document: Document;
  changed: ReadonlySet<string>;
}

function Group({ title, fields, document, changed }: GroupProps): VNode {
  const words = texts().person;
  return html`<h3>${title}</h3>
    <dl class="members">
      ${fields.map(
        (field) =>
          html`<div class=${changed.has(field) ? 'changed' : ''}>
            <dt>
              <a href=${urlWith({ field })} data-keep-scroll title=${words.pastOf(fieldName(field))}
                >${fieldName(field)}</a
              >
            </dt>
            <dd>
              <${Value} field=${field} value=${document[field]} />
              ${changed.has(field) && html` <span class="visually-hidden">(${words.change})</span>`}
            </dd>
          </div>`,
      )}
    </dl>`;
}
