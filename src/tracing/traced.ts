import {
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { underWay } from './underWay.ts';

/** The attribute that links all spans of one request of a caller, whatever instance or thread they come from. */
export const CORRELATION_ID = 'padron.correlation_id';

/** A piece of work that is worth a span. */
export interface Work {
  /** Without personal data and ids; names the span, and the work while it is under way. */
  name: string;
  kind?: SpanOptions['kind'];
  /** Without personal data. Called only where a span is made. */
  attributes?(): Attributes;
}

/**
 * Does `work` as a piece of work under way, and in a span where the process has an OpenTelemetry SDK. Settles like `work`. A failure
 * marks the span with the error's name: messages may quote what a caller sent.
 */
export async function traced<T>(what: Work, work: () => Promise<T>): Promise<T> {
  underWay.begin(what.name);
  try {
    const tracer = registeredTracer();
    return await (tracer ? inSpan(tracer, what, work) : work());
  } finally {
    underWay.end(what.name);
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

/** The tracer of the SDK that the process was started with; null where there is none, and a span would cost for nothing. */
export function registeredTracer(): Tracer | null {
  const provider = trace.getTracerProvider() as ReturnType<typeof trace.getTracerProvider> & {
    getDelegateTracer?(name: string): Tracer | undefined;
  };
  if (provider.getDelegateTracer) return provider.getDelegateTracer('padron') ?? null;
  return provider.getTracer('padron');
}
