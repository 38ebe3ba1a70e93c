import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { html } from './html.ts';

/**
 * The heading of a screen. It names the tab, and takes the focus when the screen opens, so that
 * screen readers announce the screen.
 */
export function Heading({
  title,
  lang,
  children,
}: {
  title: string;
  /** The language of the title, if it may be another than the screen's. */
  lang?: string;
  children?: ComponentChildren;
}): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · padron`;
  }, [title]);
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => {
    before.current = document.activeElement;
  }, []);
  useEffect(() => {
    // Unless the user has moved the focus since the screen opened and may be typing there.
    const { activeElement } = document;
    if (activeElement === before.current || activeElement === document.body)
      heading.current?.focus({ preventScroll: true });
  }, []);
  return html`<div class="heading">
    <h1 ref=${heading} tabindex="-1"><bdi lang=${lang}>${title}</bdi></h1>
    ${children}
  </div>`;
}
