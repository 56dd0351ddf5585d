// The official suite's program, started.

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from './runs.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Where the suite writes its results. */
export const OUTPUT = join(process.env.SESSILE_OUTPUT ?? join(ROOT, 'target', 'test-output'), 'conformance');

/**
 * Runs the program to its end, or for `ms`; never longer than this process lives. `heard` is given each part of its
 * output.
 */
export async function runProgram(args, { ms, heard = () => {} }) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: OUTPUT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ms,
    killSignal: 'SIGKILL',
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part) => {
      output += part;
      heard(output);
    });
  }
  const ending = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve(code ?? signal));
  });
  process.removeListener('exit', end);
  return { ending, output };
}
