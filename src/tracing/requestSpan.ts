import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context as TraceContext,
  type Span,
} from '@opentelemetry/api';
import type { IncomingHttpHeaders } from 'node:http';
import { CORRELATION_ID, registeredTracer } from './traced.ts';

/**
 * What is known of a request once it is answered. `route` is the path template; null if no route
 * matched.
 */
export interface AnsweredRequest {
  route: string | null;
  status: number;
}

/** The span of one request. */
export interface RequestSpan {
  /** Runs the work of the request; spans that it makes are children of this one. */
  run<T>(work: () => Promise<T>): Promise<T>;
  end(answered: AnsweredRequest): void;
}

/**
 * Begins the span of a request, as a child of the caller's span if the headers name one. Returns
 * null if the process has no OpenTelemetry SDK. Records the method, the route template, the status
 * and the request's ids; never a path, a parameter or a body.
 */
export function beginRequestSpan(
  { method, headers }: { method: string; headers: IncomingHttpHeaders },
  { requestId, correlationId }: { requestId: string; correlationId: string },
): RequestSpan | null {
  const tracer = registeredTracer();
  if (!tracer) return null;
  const parent: TraceContext = propagation.extract(context.active(), headers);
  const attributes = {
    'http.request.method': method,
    'padron.request_id': requestId,
    [CORRELATION_ID]: correlationId,
  };
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
  return {
    run: (work) => context.with(trace.setSpan(parent, span), work),
    end: (answered) => {
      endSpan(span, method, answered);
    },
  };
}

function endSpan(span: Span, method: string, { route, status }: AnsweredRequest): void {
  if (route !== null) {
    span.updateName(`${method} ${route}`);
    span.setAttribute('http.route', route);
  }
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
