import type { VNode } from 'preact';
import { Field, Select } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import type { Choices } from './plan.ts';

interface Props {
  choices: Choices;
  hasFile: boolean;
  isBusy: boolean;
  pick(file: File | null): void;
  choose(choices: Choices): void;
  preview(): void;
  stop(): void;
}

/** The file, how it is to be read, and the button for a dry run. */
export function ListForm({ choices, hasFile, isBusy, pick, choose, preview, stop }: Props): VNode {
  const words = texts().imports;
  return html`<form
    class="card filters roomy"
    onSubmit=${(event: Event) => {
      event.preventDefault();
      preview();
    }}
  >
    <${Field} label=${words.file} hint=${words.fileHint}>
      <input
        type="file"
        accept=".csv,.tsv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson"
        onChange=${(event: Event) => {
          pick((event.currentTarget as HTMLInputElement).files?.[0] ?? null);
        }}
      />
    <//>
    <${Select}
      label=${words.known}
      value=${String(choices.isUpdate)}
      options=${[
        ['false', words.leaveKnown],
        ['true', words.editKnown],
      ]}
      onPick=${(value: string) => {
        choose({ ...choices, isUpdate: value === 'true' });
      }}
    />
    <${Select}
      label=${words.dates}
      value=${choices.dates}
      options=${[
        ['iso', '2024-03-15'],
        ['dmy', '15/03/2024'],
      ]}
      onPick=${(value: string) => {
        choose({ ...choices, dates: value === 'dmy' ? 'dmy' : 'iso' });
      }}
    />
    <div class="row-actions">
      <button class="primary" disabled=${!hasFile || isBusy}>${words.preview}</button>
      ${isBusy && html`<button type="button" onClick=${stop}>${texts().cancel}</button>`}
    </div>
    ${isBusy && html`<p class="muted" role="status">${words.busy}</p>`}
  </form>`;
}
