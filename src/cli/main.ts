import { Command } from 'commander';
import { createRequire } from 'node:module';
import { EXIT, onOutputError, report } from './output/exit.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/**
 * Each command is loaded when called: `token` needs neither the HTTP server nor a store, and takes
 * half the time.
 */
const COMMANDS: Record<string, () => Promise<Command>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  undo: async () => (await import('./import/undo.ts')).undoCommand(),
  history: async () => (await import('./history.ts')).historyCommand(),
  export: async () => (await import('./person/export.ts')).exportCommand(),
  erase: async () => (await import('./person/erase.ts')).eraseCommand(),
  erasures: async () => (await import('./person/erasures.ts')).erasuresCommand(),
  roll: async () => (await import('./roll.ts')).rollCommand(),
  projections: async () => (await import('./projections.ts')).projectionsCommand(),
  rebuild: async () => (await import('./rebuild.ts')).rebuildCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  copy: async () => (await import('./copy.ts')).copyCommand(),
  keys: async () => (await import('./keys.ts')).keysCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
};

// Every file written may hold personal data: stores, error reports, copies.
process.umask(0o077);

const program = new Command('padron')
  .description('The roll of people and members of a club or a public office, event-sourced.')
  .version(version)
  .showHelpAfterError()
  // Options after a subcommand are the subcommand's: `projections jobs --json`.
  .enablePositionalOptions()
  .exitOverride((error) => {
    // commander ends with 1 for a wrong call; help and version are not errors.
    process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
  });

// A server writes its log without these streams, and goes on when the disk is full.
program.hook('preAction', (_, command) => {
  if (command.name() === 'serve') return;
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
});

for (const command of await calledCommands(process.argv.slice(2))) {
  for (const one of [command, ...command.commands]) one.copyInheritedSettings(program);
  program.addCommand(command);
  if (command.commands.length > 0) command.addCommand(helpCommand(command));
}
program.addCommand(helpCommand(program));

try {
  await program.parseAsync();
} catch (error) {
  // Not exitCode: a server that failed during start-up has open timers and stores that would keep
  // the process alive.
  process.exit(report(error));
}

/**
 * The command named by the arguments; all of them if none is, for the help and for misspelled
 * names.
 */
function calledCommands(args: readonly string[]): Promise<Command[]> {
  const called = args.find((arg) => !arg.startsWith('-')) ?? '';
  const one = Object.entries(COMMANDS).filter(([name]) => name === called);
  return Promise.all((one.length > 0 ? one : Object.entries(COMMANDS)).map(([, load]) => load()));
}

/** `help [command]`. Commander's own prints the help for a misspelled command without saying so. */
function helpCommand(parent: Command): Command {
  return new Command('help')
    .copyInheritedSettings(parent)
    .description('display help for command')
    .argument('[command]')
    .action((name?: string) => {
      if (name === undefined) parent.help();
      const command = parent.commands.find((one) => one.name() === name);
      if (!command) parent.error(`error: unknown command '${name}'`);
      command.help();
    });
}
