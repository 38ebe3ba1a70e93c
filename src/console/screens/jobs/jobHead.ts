import type { VNode } from 'preact';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import type { Job } from './job.ts';

interface Props {
  level: 'h2' | 'h3';
  name: string;
  state: Job['state'];
}

/**
 * The heading of a job with its state. Screen readers announce each change of the state; the figures
 * change too often for that.
 */
export function JobHead({ level, name, state }: Props): VNode {
  const word = texts().jobs.states[state] ?? state;
  return html`<${level}>${name} <span class=${`badge ${state}`}>${word}</span><//>
    <p class="visually-hidden" role="status">${name}, ${word}</p>`;
}
