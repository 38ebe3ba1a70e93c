import { Database } from '../../src/platform/sqlite/sqlite.ts';

/** Makes every connection of this process fail at the statements that `isFaulty` chooses, before or after they run. */
export function failStatements(isFaulty: (sql: string) => 'before' | 'after' | null): { stop(): void } {
  const driver = Object.getPrototypeOf(Database.prototype) as { exec(sql: string): void };
  Object.defineProperty(Database.prototype, 'exec', {
    configurable: true,
    value(this: Database, sql: string): void {
      const when = isFaulty(sql);
      if (when === 'before') throw diskError();
      driver.exec.call(this, sql);
      if (when === 'after') throw diskError();
    },
  });
  return {
    stop() {
      Reflect.deleteProperty(Database.prototype, 'exec');
    },
  };
}

/** The error as the driver reports it. */
const diskError = (): Error =>
  Object.assign(new Error('disk I/O error'), {
    errcode: 10,
    errstr: 'disk I/O error',
    sqliteCodeName: 'SQLITE_IOERR',
  });
