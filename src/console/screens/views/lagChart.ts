import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { usePreferences } from '../../app/preferences.ts';
import { html } from '../../parts/html.ts';
import { clockText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import type { View } from './viewTable.ts';

/** Ten minutes, with a sample every two seconds. */
const MAX_SAMPLES = 300;
const SPAN_SECONDS = 120;
const HEIGHT = 180;
const FONT = '12px system-ui';
const DASHES: number[][] = [[], [6, 4], [2, 3]];

/** The lag of each view since the screen was opened. The samples are kept here: the server keeps none. */
export function LagChart({ views }: { views: readonly View[] }): VNode {
  const words = texts().views;
  const { theme, language } = usePreferences();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const samples = useRef<number[][]>([]);
  const names = views.map(({ name }) => name).join();

  useEffect(() => {
    const columns = samples.current;
    [Date.now() / 1_000, ...views.map(({ lagSeconds }) => lagSeconds)].forEach((value, index) => {
      const column = (columns[index] ??= []);
      column.push(value);
      if (column.length > MAX_SAMPLES) column.shift();
    });
    chart.current?.setData(columns as uPlot.AlignedData);
  }, [views]);

  useEffect(() => {
    let isOver = false;
    const resize = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0)
        chart.current?.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    void import('uplot').then(({ default: Chart }) => {
      const { current } = place;
      if (isOver || !current) return;
      loadStyles();
      chart.current = new Chart(optionsFor(current, views), samples.current as uPlot.AlignedData, current);
      resize.observe(current);
    });
    return () => {
      isOver = true;
      resize.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [names, theme, language]);

  return html`<section class="chart" aria-labelledby="chart-title">
    <h2 id="chart-title">${words.chart}</h2>
    <p class="muted">${words.chartHint}</p>
    <div
      ref=${place}
      role="img"
      aria-label=${`${words.chart}: ${views.map(({ name, lagSeconds }) => `${name} ${lagSeconds} s`).join(', ')}`}
    ></div>
  </section>`;
}

/** Loads the library's styles on first use. */
function loadStyles(): void {
  if (document.getElementById('chart-styles')) return;
  const link = document.createElement('link');
  link.id = 'chart-styles';
  link.rel = 'stylesheet';
  link.href = new URL('../../libraries/uplot.css', import.meta.url).pathname;
  document.head.append(link);
}

function optionsFor(place: HTMLElement, views: readonly View[]): uPlot.Options {
  // A canvas does not understand light-dark(), so the value is read from an element that has the colour.
  const resolved = (name: string): string => {
    const probe = document.createElement('i');
    probe.className = name;
    place.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  const axis = {
    stroke: resolved('ink-muted'),
    grid: { stroke: resolved('ink-line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { live: false },
    cursor: { show: false },
    scales: {
      x: { range: (_chart, _min, max) => [max - SPAN_SECONDS, max] },
      y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      { ...axis, font: FONT, space: 90, values: (_chart, ticks) => ticks.map((one) => clockText(one)) },
      {
        ...axis,
        size: 44,
        font: FONT,
        values: (_chart, ticks) => ticks.map((one) => `${one} s`),
      },
    ],
    series: [
      {},
      ...views.map(({ name }, index) => ({
        label: name,
        stroke: resolved(`ink-series-${index % 3}`),
        width: 2,
        dash: DASHES[index % 3] ?? [],
        points: { show: false },
      })),
    ],
  };
}
