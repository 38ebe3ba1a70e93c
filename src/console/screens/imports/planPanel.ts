import type { VNode } from 'preact';
import { ChangeLines } from '../../parts/changeLines.ts';
import { Field } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { numberText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { subjectName } from '../audit/auditEntry.ts';
import type { Counts, Plan, RefusedLine } from './plan.ts';
import { reasonWords } from './reasonWords.ts';

/** Most differences and refused lines shown. */
const SHOWN = 50;

interface Props {
  plan: Plan;
  reason: string;
  isBusy: boolean;
  explain(reason: string): void;
  run(): void;
}

/** What importing the list would do, and the button that does it. */
export function PlanPanel({ plan, reason, isBusy, explain, run }: Props): VNode {
  const words = texts().imports;
  const { counts, changes, refused, encoding } = plan;
  const stores = counts.imported + counts.changed;
  return html`<section class="card plan" aria-labelledby="plan-title">
    <h2 id="plan-title">${words.planTitle}</h2>
    <p class="figures" role="status">${figuresOf(counts).join(' · ')}</p>
    ${notesOf(counts, encoding).map((note) => html`<p class="muted">${note}</p>`)}
    ${
      changes.length > 0 &&
      html`<h3>${words.differences}</h3>
        <ol class="plain">
          ${changes.slice(0, SHOWN).map(
            ({ line, subject, changes: edits }) =>
              html`<li>
                <span class="muted">${words.line(numberText(line))} · ${subjectName(subject)}</span>
                <${ChangeLines} changes=${edits} />
              </li>`,
          )}
        </ol>
        ${counts.changed > SHOWN && html`<p class="muted">${words.more(numberText(counts.changed - SHOWN))}</p>`}`
    }
    <${RefusedLines} refused=${refused} total=${counts.refused} />
    ${stores === 0 && html`<p>${words.nothing}</p>`}
    ${
      stores > 0 &&
      html`<form
        onSubmit=${(event: Event) => {
          event.preventDefault();
          run();
        }}
      >
        <${Field} label=${texts().reason} hint=${words.reasonHint}>
          <input
            maxlength="200"
            value=${reason}
            onInput=${(event: Event) => {
              explain((event.currentTarget as HTMLInputElement).value);
            }}
          />
        <//>
        <button class="primary" disabled=${isBusy}>${words.run(numberText(stores))}</button>
      </form>`
    }
  </section>`;
}

/** The refused lines, and why they are refused. */
export function RefusedLines({
  refused,
  total,
}: {
  refused: readonly RefusedLine[];
  total: number;
}): VNode | null {
  const words = texts().imports;
  if (total === 0) return null;
  return html`<h3>${words.refusedTitle}</h3>
    <ul class="plain refused">
      ${refused
        .slice(0, SHOWN)
        .map((one) => html`<li><b>${words.line(numberText(one.line))}</b>: ${whyRefused(one)}</li>`)}
    </ul>
    ${total > SHOWN && html`<p class="muted">${words.more(numberText(total - SHOWN))}</p>`}`;
}

const whyRefused = ({ errors, reasons }: RefusedLine): string =>
  errors.map((text, at) => (reasons[at] ? reasonWords(reasons[at], text) : text)).join('; ');

/** The counts as short texts. */
export function figuresOf({ lines, imported, changed, unchanged, refused }: Counts): string[] {
  const { figures } = texts().imports;
  return [
    figures.lines(numberText(lines)),
    figures.imported(numberText(imported)),
    figures.changed(numberText(changed)),
    figures.unchanged(numberText(unchanged)),
    figures.refused(numberText(refused)),
  ];
}

function notesOf({ given, suspicious, removed }: Counts, encoding: string | null): string[] {
  const { notes } = texts().imports;
  const counted: [number, (count: string) => string][] = [
    [given.ids, notes.ids],
    [given.hashes, notes.hashes],
    [given.dates, notes.dates],
    [removed, notes.removed],
    [suspicious.shortDnis, notes.shortDnis],
    [suspicious.shortPostcodes, notes.shortPostcodes],
  ];
  return [
    ...(encoding === null || encoding === 'utf-8' ? [] : [notes.encoding(encoding)]),
    ...counted.flatMap(([count, note]) => (count > 0 ? [note(numberText(count))] : [])),
  ];
}
