/** The default of `leewaySeconds`. */
export const DEFAULT_LEEWAY_SECONDS = 5;

/** The source of the keys, and the required claims. */
export interface TokenRules {
  keys: { secret: string } | { jwksUri: string };
  issuer: string | null;
  audience: string | null;
  /** Clock difference tolerated for `exp` and `nbf`. Default 5. */
  leewaySeconds?: number;
}
