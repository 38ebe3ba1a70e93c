/** An error answer, or no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  /** The stable code; `unreachable` if there was no answer. */
  readonly code: string;
  /** The server's own texts about the error. */
  readonly details: readonly string[];
  readonly retryAfterSeconds: number | null;
  /** Why a list cannot be imported, as a code with details. */
  readonly reason: { code: string } | null;

  constructor(
    status: number,
    code: string,
    { details = [], retryAfterSeconds = null, reason = null }: ErrorDetails = {},
  ) {
    super(code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
    this.reason = reason;
  }

  /** Whether the same request may succeed in a moment. */
  get isPassing(): boolean {
    return this.code === 'unreachable' || this.status === 503 || this.status === 429;
  }

  /** Whether this account gets the same answer each time. */
  get isFinal(): boolean {
    return this.status === 400 || this.status === 403;
  }

  /** Whether the requested thing does not exist, or no longer exists. */
  get isGone(): boolean {
    return this.status === 404 || this.status === 410;
  }
}

interface ErrorDetails {
  details?: readonly string[];
  retryAfterSeconds?: number | null;
  reason?: { code: string } | null;
}

/** The error that an answer says. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const code =
    response.headers.get('problem-code') ?? (typeof body['code'] === 'string' ? body['code'] : 'internal');
  const retryAfter = Number(response.headers.get('retry-after'));
  return new ApiError(response.status, code, {
    details: detailsIn(body),
    retryAfterSeconds: retryAfter > 0 ? retryAfter : null,
    reason: (body['reason'] as { code: string } | undefined) ?? null,
  });
}

/** The texts of an error in any of the API's three shapes. */
function detailsIn({ message, errors, detail, title }: Record<string, unknown>): string[] {
  if (Array.isArray(errors) && errors.length > 0) {
    return (errors as { path: string; message?: string; detail?: string }[]).map(
      ({ path, message: text, detail: ownText = '' }) => (text === undefined ? ownText : `${path} ${text}`),
    );
  }
  if (Array.isArray(message)) return message as string[];
  return [message, detail, title].filter((text) => typeof text === 'string').slice(0, 1);
}
