import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { endOf } from './cli.ts';
import { programArgs } from './program.ts';

const DOCS = new URL('../../docs/how-to/', import.meta.url);

/** A page of docs/how-to with its shell snippets. */
export interface HowTo {
  text: string;
  /**
   * Runs the page's snippets in order, in one shell and in `folder`, up to the first that fails. Returns the standard
   * output of each, and all standard error. `npx padron` is the program of this checkout.
   */
  run(folder: string, environment: Record<string, string>): Promise<{ printed: string[]; err: string }>;
}

/** Reads the page of that name. */
export function howTo(name: string): HowTo {
  const text = readFileSync(new URL(`${name}.md`, DOCS), 'utf8');
  return {
    text,
    async run(folder, environment) {
      const snippets = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, snippet = '']) => snippet);
      // Not by npx, which would take a second each time.
      const program = [process.execPath, ...programArgs()].map((word) => `'${word}'`).join(' ');
      const script = snippets.join('\necho; echo "=== $?"\n');
      const shell = spawn(
        'bash',
        ['--norc', '-eu', '-o', 'pipefail', '-c', `npx() { shift; ${program} "$@"; }\n${script}`],
        {
          env: { PATH: process.env['PATH'], ...environment },
          cwd: folder,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      const { code, stdout, stderr } = await endOf(shell);
      const printed = stdout.split(/^=== 0$/m);
      if (code !== 0) throw new Error(`snippet ${printed.length} of ${name} ended with ${code}: ${stderr}`);
      return { printed, err: stderr };
    },
  };
}
