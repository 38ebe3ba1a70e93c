import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { CommandSide } from '../commands/handling/commandSide.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../platform/clock.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { RunImport } from '../imports/jobs/runImport.ts';
import type { LoadConsole } from '../http/pages/consoleFiles.ts';
import type { SignInCode } from '../http/pages/signInCode.ts';
import type { HttpServer } from '../http/server/server.ts';
import type { TokenRules } from '../http/access/tokenRules.ts';
import type { MaintainViews } from '../projections/maintaining/maintainViews.ts';
import type { Jobs } from '../projections/rebuild/jobs.ts';
import type { ParkedSubjects } from '../projections/parking/createParkedSubjects.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import type { RollThread } from '../embedded/roll/rollThread.ts';
import type { RunVerification } from '../verify/job/verifyJob.ts';
import type { Views } from '../projections/views/allViews.ts';

export interface ServiceOptions {
  /** Default: no limits on requests; the time zone UTC. `dataDir` keeps the uploads. */
  config: Pick<
    Config,
    | 'host'
    | 'port'
    | 'dataDir'
    | 'issuer'
    | 'audience'
    | 'leewaySeconds'
    | 'reservationKey'
    | 'readYourWritesMs'
  > &
    Partial<Pick<Config, 'limits' | 'timeZone' | 'maxImportBytes'>>;
  keys: TokenRules['keys'];
  store: EventStore;
  readModel: ReadModel;
  /** Default: in this thread, which is right for stores that answer over a network. */
  keep?: MaintainViews;
  /** Runs verifications, given the log's key. Default: in this thread, as for `keep`. */
  verifyWith?: (key: KeyObject) => RunVerification;
  /** Runs work on whole rolls. Default: in this thread, as for `keep`. */
  rollWith?: () => RollThread;
  /** Runs imports, given the log's key. Default: in this thread, as for `keep`. */
  importWith?: (key: KeyObject) => RunImport;
  /** Default: this version's views. */
  views?: Views;
  clock: Clock;
  logger: Logger;
  /** The destination of the access log. Default: `logger`. */
  accessLogger?: Logger;
  /** Exchanges the code of a sign-in link. Default: there are no such links. */
  signIn?: SignInCode;
  /**
   * A server that already listens. Default: one is opened on `config.port`. Stopped with the
   * service.
   */
  server?: HttpServer;
  /** Default: the service loads the console itself. */
  loadConsole?: LoadConsole;
}

export interface Service {
  /** The address at which it listens. */
  url: string;
  commands: CommandSide;
  jobs: Jobs;
  parking: ParkedSubjects;
  /**
   * Resolves when every view has reached the head that the log had at the start, or waits for a
   * newer padron.
   */
  ready: Promise<void>;
  /**
   * Takes no more requests, finishes those in progress, stops the projections. Leaves the stores
   * open: the caller owns them.
   */
  stop(): Promise<void>;
  /**
   * Stops everything behind the server, which keeps listening; something else must answer by then.
   */
  suspend(): Promise<void>;
}
