import type { VNode } from 'preact';
import { useFeatures } from '../../app/features.ts';
import { html } from '../../parts/html.ts';
import { durationText, numberText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';

export interface View {
  name: string;
  version: number;
  generation: number;
  position: string | null;
  lagSeconds: number;
  lagEvents: number | null;
  state: string;
  parked: number;
  lastError: string | null;
}

/** Every view with its lag, and the buttons that start a job. */
export function ViewTable({
  views,
  ask,
}: {
  views: readonly View[];
  ask(name: string, action: 'rebuild' | 'rollback'): void;
}): VNode {
  const words = texts().views;
  const features = useFeatures();
  const actions = (['rebuild', 'rollback'] as const).filter((action) =>
    features?.may('POST', `/admin/projections/{name}/${action}`),
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.title}>
    <table class="list views">
      <thead>
        <tr>
          <th scope="col">${words.name}</th>
          <th scope="col">${words.state}</th>
          <th scope="col" class="number">${words.lag}</th>
          <th scope="col" class="number less">${words.events}</th>
          <th scope="col" class="number less">${words.position}</th>
          <th scope="col" class="number less">${words.generation}</th>
          <th scope="col" class="number">${words.parked}</th>
          <th scope="col"><span class="visually-hidden">${words.actions}</span></th>
        </tr>
      </thead>
      <tbody>
        ${views.map(
          (view) =>
            html`<tr key=${view.name}>
              <th scope="row">
                ${view.name}${view.lastError !== null && html`<p class="fault" title=${words.error}>${view.lastError}</p>`}
              </th>
              <td><span class=${`badge ${view.state}`}>${words.states[view.state] ?? view.state}</span></td>
              <td class="number">
                ${view.lagSeconds === 0 ? words.caughtUp : durationText(view.lagSeconds)}
              </td>
              <td class="number less">
                ${view.lagEvents === null ? words.unknown : numberText(view.lagEvents)}
              </td>
              <td class="number less">${view.position ?? texts().none}</td>
              <td class="number less">${view.generation}</td>
              <td class="number" data-label=${words.parked}>
                ${view.parked === 0 ? 0 : html`<a href="#parked-title">${view.parked}</a>`}
              </td>
              <td>
                <div class="row-actions">
                  ${actions.map(
                    (action) =>
                      html`<button
                        type="button"
                        aria-label=${words.of(words[action], view.name)}
                        onClick=${() => {
                          ask(view.name, action);
                        }}
                      >
                        ${words[action]}
                      </button>`,
                  )}
                </div>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
