import type { Context } from 'koa';
import type { BodyCheck, Issue, JsonSchema } from '../../validation/schema.ts';
import type { Actor } from '../../events/types.ts';
import type { ErrorStyle, RequestErrorCode } from '../errors/errors.ts';
import type { RouteNeeds } from './needs.ts';
import type { Parameter } from './parameter.ts';

/** The arguments of a handler besides Koa's context. */
export interface RouteContext<Body> {
  ctx: Context;
  /** The validated body; undefined for a route without one. */
  body: Body;
  /** The caller; the system actor on an open route. */
  actor: Actor;
}

/**
 * A route: its input, roles, answer and handler. The router and /openapi.json are both built from
 * it.
 */
export interface Route<Body = unknown> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With `:name` for parameters; also its name in access logs and metrics. */
  path: string;
  operationId: string;
  summary: string;
  /** The stores that it cannot be answered without. */
  needs: RouteNeeds;
  tag: string;
  /** Roles that may call it; null: open to all. */
  roles: readonly string[] | null;
  /** Those of `roles` that may make this particular request; default: all. */
  rolesFor?(ctx: Context): readonly string[];
  parameters?: readonly Parameter[];
  /** Whether this request reads a whole roll, whatever its answer: then it counts as an export. */
  readsWholeRoll?(ctx: Context): boolean;
  /** The issues of query parameter values, reported together with unknown parameters. */
  queryFaults?(ctx: Context): Issue[];
  /** Whether only the answered page reads the query, so the server accepts any. */
  takesAnyQuery?: true;
  body?: { schema: JsonSchema; check: BodyCheck<Body> };
  /** A file that the route reads itself: its content types, with an example each, and the size limit. */
  upload?: { examples: Readonly<Record<string, string>>; maxBytes(): number };
  answer: {
    status: 200 | 201 | 202;
    description: string;
    schema: JsonSchema;
    contentType?: string;
    /** Other content types available on request. */
    also?: Record<string, JsonSchema>;
    headers?: readonly AnswerHeader[];
    /** The events of a `text/event-stream`. */
    event?: { name: string; data: JsonSchema };
    /** When it answers 204 instead. */
    nothing?: string;
    /** When it answers 200 with something else. */
    instead?: { description: string; schema: JsonSchema };
  };
  /** Errors besides those that follow from roles and body. */
  refusals: readonly RequestErrorCode[];
  style: ErrorStyle;
  handle(context: RouteContext<Body>): Promise<void>;
}

export type AnswerHeader =
  'ETag' | 'Location' | 'X-Padron-Position' | 'X-Padron-Behind' | 'Link' | 'Content-Disposition';

/** Keeps a route's body type in a list of routes with different bodies. */
export const route = <Body>(one: Route<Body>): Route => one;
