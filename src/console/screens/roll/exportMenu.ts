import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from '../../app/requests/apiError.ts';
import { download } from '../../app/download.ts';
import { html } from '../../parts/html.ts';
import { messageOf, say } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';

/** Saves everything that a search finds, not only the visible page. */
export function ExportMenu({ path, name }: { path: string; name: string }): VNode {
  const words = texts().roll;
  const [isBusy, setBusy] = useState(false);
  const formats = [
    [words.csv, 'text/csv', 'csv'],
    [words.csvExcel, 'text/csv; separator=semicolon', 'csv'],
    [words.ndjson, 'application/x-ndjson', 'ndjson'],
  ] as const;
  const save = async (accept: string, extension: string): Promise<void> => {
    setBusy(true);
    try {
      await download(path, { accept, name: `${name}.${extension}` });
      say(texts().audit.exported);
    } catch (error) {
      say(messageOf(error as ApiError), { isBad: true });
    } finally {
      setBusy(false);
    }
  };
  return html`<div class="exports" role="group" aria-label=${words.export}>
    <span class="muted">${isBusy ? texts().audit.exporting : words.export}</span>
    ${formats.map(
      ([label, accept, extension]) =>
        html`<button
          type="button"
          class="chip"
          disabled=${isBusy}
          onClick=${() => void save(accept, extension)}
        >
          ${label}
        </button>`,
    )}
  </div>`;
}
