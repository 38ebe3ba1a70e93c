import type { Context } from 'koa';
import type { BodyCheck, Issue, JsonSchema } from '../../validation/schema.ts';
import type { Actor } from '../../events/types.ts';
import type { ErrorStyle, RequestErrorCode } from '../errors/errors.ts';
import type { RouteNeeds } from './needs.ts';
import type { Parameter } from './parameter.ts';

/** What a handler knows of the request beside Koa's context. */
export interface RouteContext<Body> {
  ctx: Context;
  /** The checked body; undefined for a route without one. */
  body: Body;
  /** Who asks; the system's own actor on an open route. */
  actor: Actor;
}

/** A route: what it takes, who may call it, what it answers and how; the router and /openapi.json are both made of it. */
export interface Route<Body = unknown> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With `:name` for parameters; also what access logs and metrics call it. */
  path: string;
  operationId: string;
  summary: string;
  /** The stores without which it cannot be answered. */
  needs: RouteNeeds;
  tag: string;
  /** Roles that may call it; null: open to anyone. */
  roles: readonly string[] | null;
  /** Those of `roles` that may make this very request; left out: each of them. */
  rolesFor?(ctx: Context): readonly string[];
  parameters?: readonly Parameter[];
  /** What is wrong with the values of the query parameters, to be reported beside parameters that the route does not have. */
  queryFaults?(ctx: Context): Issue[];
  body?: { schema: JsonSchema; check: BodyCheck<Body> };
  answer: {
    status: 200 | 201 | 202;
    description: string;
    schema: JsonSchema;
    contentType?: string;
    /** Other content types that it answers in on demand. */
    also?: Record<string, JsonSchema>;
    headers?: readonly AnswerHeader[];
    /** The events of a `text/event-stream`. */
    event?: { name: string; data: JsonSchema };
    /** When it answers 204 instead. */
    nothing?: string;
  };
  /** Refusals beyond those that follow from roles and body. */
  refusals: readonly RequestErrorCode[];
  style: ErrorStyle;
  handle(context: RouteContext<Body>): Promise<void>;
}

export type AnswerHeader = 'ETag' | 'Location' | 'X-Padron-Position' | 'X-Padron-Behind' | 'Link';

/** Keeps a route's body type while routes of different bodies go into one list. */
export const route = <Body>(one: Route<Body>): Route => one;
