import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useFeatures } from '../../app/features.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { EraseDialog } from './eraseDialog.ts';
import { ExportDialog } from './exportDialog.ts';

interface Props {
  /** The path of a single document in /openapi.json. */
  one: string;
  /** The person's path in the API. */
  path: string;
  /** The name of the exported file. */
  name: string;
  dni: string | null;
  isReady?: boolean;
  erased(): void;
}

/** The buttons to export and to erase a person, each only if the role may. */
export function PrivacyActions({ one, path, name, dni, isReady = true, erased }: Props): VNode {
  const words = texts().person;
  const features = useFeatures();
  const [open, setOpen] = useState<'export' | 'erase' | null>(null);
  const close = (): void => {
    setOpen(null);
  };
  const button = (what: 'export' | 'erase', label: string, style: string): VNode =>
    html`<button
      type="button"
      class=${style}
      disabled=${!isReady}
      onClick=${() => {
        setOpen(what);
      }}
    >
      ${label}
    </button>`;
  return html`${features?.may('GET', `${one}/export`) && button('export', words.export, '')}
  ${features?.may('POST', `${one}/erase`) && button('erase', words.erase, 'danger-quiet')}
  ${open === 'export' && html`<${ExportDialog} path=${path} name=${name} close=${close} />`}
  ${
    open === 'erase' &&
    html`<${EraseDialog}
      path=${path}
      dni=${dni}
      close=${close}
      done=${() => {
        close();
        erased();
      }}
    />`
  }`;
}
