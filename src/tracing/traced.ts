import {
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { underWay } from './underWay.ts';

/** The attribute that links all spans of one caller's request across instances and threads. */
export const CORRELATION_ID = 'padron.correlation_id';

/** Work worth a span. */
export interface Work {
  /** Names the span and the work in progress. Must not contain personal data or ids. */
  name: string;
  kind?: SpanOptions['kind'];
  /** Must not contain personal data. Called only if a span is recorded. */
  attributes?(): Attributes;
}

/**
 * Runs `work`, recorded as in progress and in a span if the process has an OpenTelemetry SDK.
 * Settles like `work`. A failure marks the span with the error's name only, because messages may
 * quote the caller's data.
 */
export async function traced<T>(what: Work, work: () => Promise<T>): Promise<T> {
  const named = underWay.work(what.name);
  named.begin();
  try {
    const tracer = registeredTracer();
    return await (tracer ? inSpan(tracer, what, work) : work());
  } finally {
    named.end();
  }
}

const inSpan = <T>(tracer: Tracer, { name, kind, attributes }: Work, work: () => Promise<T>): Promise<T> => {
  const options: SpanOptions = { attributes: attributes?.() ?? {}, ...(kind === undefined ? {} : { kind }) };
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work();
    } catch (error) {
      markFailed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
};

function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
}

/** The tracer of the process's SDK; null if there is none, so that no span is built in vain. */
export function registeredTracer(): Tracer | null {
  const provider = trace.getTracerProvider() as ReturnType<typeof trace.getTracerProvider> & {
    getDelegateTracer?(name: string): Tracer | undefined;
  };
  if (provider.getDelegateTracer) return provider.getDelegateTracer('padron') ?? null;
  return provider.getTracer('padron');
}
