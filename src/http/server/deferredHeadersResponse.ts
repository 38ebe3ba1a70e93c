import {
  ServerResponse,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from 'node:http';
import { atEndOfTick } from './sendTogether.ts';

/** Each header takes three places: lower-case name, name as given, value. */
const PLACES = 3;

/**
 * A response that keeps its headers as a plain list until they are sent. Node's own response checks
 * and stores each header when set and processes it again when sent: with our fifteen headers that
 * took 20 of the 120 us of a small answer. Names and values are checked once, when they are sent.
 * The answers to the requests of one tick of the event loop are sent together at its end, in order.
 */
export class DeferredHeadersResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  readonly #list: (OutgoingHttpHeader | string)[] = [];

  override setHeader(name: string, value: OutgoingHttpHeader): this {
    const at = this.#find(name);
    if (at >= 0) this.#list[at + 2] = value;
    else this.#list.push(name.toLowerCase(), name, value);
    return this;
  }

  override getHeader(name: string): OutgoingHttpHeader | undefined {
    const at = this.#find(name);
    return at < 0 ? undefined : this.#list[at + 2];
  }

  override hasHeader(name: string): boolean {
    return this.#find(name) >= 0;
  }

  override removeHeader(name: string): void {
    const at = this.#find(name);
    if (at >= 0) this.#list.splice(at, PLACES);
  }

  override getHeaderNames(): string[] {
    return this.#list.filter((_, index) => index % PLACES === 0) as string[];
  }

  override getHeaders(): OutgoingHttpHeaders {
    return Object.fromEntries(this.getHeaderNames().map((name) => [name, this.getHeader(name)]));
  }

  /**
   * Koa passes only the status. Headers passed here, as Node itself may, replace those set before.
   */
  override writeHead(status: number, ...given: unknown[]): this {
    const headers = given.at(-1);
    const reason = typeof given[0] === 'string' ? given[0] : undefined;
    for (const [name, value] of pairsOf(headers)) this.setHeader(name, value);
    const sent: OutgoingHttpHeader[] = [];
    for (let at = 0; at < this.#list.length; at += PLACES) {
      sent.push(this.#list[at + 1] as string, this.#list[at + 2] as OutgoingHttpHeader);
    }
    return reason === undefined ? super.writeHead(status, sent) : super.writeHead(status, reason, sent);
  }

  /**
   * Throws at once if Node rejects a header; the end of the answer is sent with the others of the
   * tick.
   */
  override end(...chunk: unknown[]): this {
    if (!this.headersSent) this.writeHead(this.statusCode);
    atEndOfTick(() => super.end(...(chunk as Parameters<ServerResponse['end']>)));
    return this;
  }

  #find(name: string): number {
    const wanted = name.toLowerCase();
    for (let at = 0; at < this.#list.length; at += PLACES) {
      if (this.#list[at] === wanted) return at;
    }
    return -1;
  }
}

/** Headers in Node's forms: an object, or an alternating list of names and values. */
function pairsOf(headers: unknown): [name: string, value: OutgoingHttpHeader][] {
  if (Array.isArray(headers)) {
    const list = headers.flat() as string[];
    return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : []));
  }
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers as OutgoingHttpHeaders).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
}
