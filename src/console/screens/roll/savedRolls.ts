import type { VNode } from 'preact';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { DialogButton } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { Empty, Failure, Loading } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';
import type { Kind } from '../people/kinds.ts';
import { SavedRollCard, type SavedRoll } from './savedRollCard.ts';
import { SaveRollDialog } from './saveRollDialog.ts';

/** The named rolls of both kinds. */
export function SavedRolls({ kind }: { kind: Kind }): VNode {
  const words = texts().roll;
  const features = useFeatures();
  const { answer, error, isLoading, reload } = useGet<{ rolls: SavedRoll[] }>('/rolls');
  return html`<section aria-busy=${isLoading}>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!answer && isLoading && html`<${Loading} />`}
    <div class="bar">
      <p class="muted">${words.saveLead}</p>
      ${
        features?.may('POST', '/rolls') &&
        html`<${DialogButton}
          label=${`${words.save}…`}
          dialog=${(close: () => void) =>
            html`<${SaveRollDialog}
              kind=${kind}
              close=${() => {
                close();
                // Even after a failure, it may have been named.
                reload();
              }}
            />`}
        />`
      }
    </div>
    ${answer?.body.rolls.length === 0 && html`<${Empty}>${words.noSaved}<//>`}
    <ol class="cards">
      ${answer?.body.rolls.map((roll) => html`<${SavedRollCard} key=${roll.id} roll=${roll} all=${answer.body.rolls} />`)}
    </ol>
  </section>`;
}
