import { Command } from 'commander';
import { createRequire } from 'node:module';
import { copyCommand } from './copy.ts';
import { doctorCommand } from './doctor.ts';
import { EXIT, report } from './exit.ts';
import { historyCommand } from './history.ts';
import { importCommand } from './import.ts';
import { projectionsCommand } from './projections.ts';
import { rebuildCommand } from './rebuild.ts';
import { serveCommand } from './serve.ts';
import { tokenCommand } from './token.ts';
import { verifyCommand } from './verify.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const program = new Command('padron')
  .description('The roll of people and members of a club or a public office, event-sourced.')
  .version(version)
  .showHelpAfterError()
  // So that an option behind a subcommand is the subcommand's: `projections jobs --json`.
  .enablePositionalOptions()
  .exitOverride((error) => {
    // commander ends with 1 for a wrong call; help and version are no errors.
    process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
  });

for (const command of [
  serveCommand(),
  tokenCommand(),
  importCommand(),
  historyCommand(),
  projectionsCommand(),
  rebuildCommand(),
  copyCommand(),
  verifyCommand(),
  doctorCommand(),
]) {
  for (const one of [command, ...command.commands]) one.copyInheritedSettings(program);
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  // Not exitCode: a server that failed half-way up has timers and stores open, which would keep the process for ever.
  process.exit(report(error));
}
