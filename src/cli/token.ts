import { Command } from 'commander';
import { roleName, ROLES } from '../domain/roles.ts';
import type { Config } from '../config/config.ts';
import { existingDevelopmentSecret } from '../config/developmentSecret.ts';
import { notEmpty } from './checks/notEmpty.ts';
import { CliError, configFromEnvironment, EXIT } from './output/exit.ts';
import { signToken, claimsOf, type TokenOptions } from './output/signedTokens.ts';

const DEFAULT_TTL = '1h';

export const tokenCommand = (): Command =>
  new Command('token')
    .description('Print a token that this configuration accepts, and nothing else.')
    .requiredOption('--sub <account>', 'the account of the token')
    .option('--role <role>', `${ROLES.join(', ')}; default: the role of the user whose id is --sub`, notEmpty)
    .option('--email <email>', "the user's e-mail; required without --role", notEmpty)
    .option('--ttl <time>', 'lifetime: 90s, 15m, 12h, 7d', DEFAULT_TTL)
    .action((options: TokenOptions) => {
      if (options.sub === '') throw new CliError('--sub must name an account', EXIT.usage);
      if (options.role === undefined && options.email === undefined) {
        throw new CliError(
          '--role is missing (or --email, for a token with the role of the user)',
          EXIT.usage,
        );
      }
      warnOfRole(options.role);
      const config = configFromEnvironment();
      process.stdout.write(`${signToken({ ...options, ...claimsOf(config), secret: secretOf(config) })}\n`);
    });

/** Only a warning on standard error: the token may be meant to test a refusal. */
function warnOfRole(role: string | undefined): void {
  if (role === undefined || ROLES.some((one) => one === roleName(role))) return;
  console.error(`padron: no route is open to the role ${role}; the roles are ${ROLES.join(', ')}`);
}

function secretOf({ keys, dataDir }: Config): string {
  if (keys !== null && 'secret' in keys) return keys.secret;
  if (keys === null) {
    const secret = existingDevelopmentSecret(dataDir);
    if (secret !== null) return secret;
    throw new CliError(
      `there is no secret in DATA_DIR ${dataDir} yet: start the server first (npm start), or set DATA_DIR or JWT_SECRET as for the server`,
      EXIT.usage,
    );
  }
  throw new CliError('tokens for a JWKS_URI come from its issuer', EXIT.usage);
}
