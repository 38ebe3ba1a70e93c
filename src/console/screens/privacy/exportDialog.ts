import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { download } from '../../app/download.ts';
import { Dialog } from '../../parts/dialog.ts';
import { Select } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { say } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';

const ACCEPT = {
  json: 'application/json',
  csv: 'text/csv',
  excel: 'text/csv; separator=semicolon',
};

/** Saves everything stored about a person as a file. */
export function ExportDialog({ path, name, close }: { path: string; name: string; close(): void }): VNode {
  const { person: words, roll, audit } = texts();
  const [format, setFormat] = useState<keyof typeof ACCEPT>('json');
  const save = async (): Promise<void> => {
    const extension = format === 'json' ? 'json' : 'csv';
    await download(`${path}/export`, { accept: ACCEPT[format], name: `${name}.${extension}` });
    say(audit.exported);
  };
  return html`<${Dialog} title=${words.exportTitle} action=${words.exportButton} act=${save} close=${close}>
    <p>${words.exportLead}</p>
    <${Select}
      label=${words.exportFormat}
      value=${format}
      options=${[
        ['json', 'JSON'],
        ['csv', roll.csv],
        ['excel', roll.csvExcel],
      ]}
      onPick=${setFormat}
    />
  <//>`;
}
