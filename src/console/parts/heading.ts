import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { html } from './html.ts';

/** The heading of a screen: it names the tab and takes the focus when the screen is opened, so that screen readers say where one is. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · padron`;
  }, [title]);
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => {
    before.current = document.activeElement;
  }, []);
  useEffect(() => {
    // Unless the user has gone to another place since the screen came up: what is typed there must not be lost.
    const { activeElement } = document;
    if (activeElement === before.current || activeElement === document.body)
      heading.current?.focus({ preventScroll: true });
  }, []);
  return html`<div class="heading">
    <h1 ref=${heading} tabindex="-1"><bdi>${title}</bdi></h1>
    ${children}
  </div>`;
}
