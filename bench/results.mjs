// The figures as they are kept: what was measured, with what.

import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { tools } from './serve.mjs';

const run = promisify(execFile);

/** What figures depend on: versions, the commit, the kind of machine. */
export async function origin(compiler) {
  const git = (...words) => run('git', words).then(({ stdout }) => stdout.trim(), () => '');
  const commit = (await git('rev-parse', '--short=12', 'HEAD')) || 'unknown';
  const changed = await git('status', '--porcelain', '--untracked-files=no');
  return {
    taken: new Date().toISOString().slice(0, 16),
    commit: commit + (changed ? ' and changes' : ''),
    versions: { workerd: tools('workerd').version, rust: compiler, node: process.version },
    machine: { cores: cpus().length, processor: cpus()[0]?.model, system: `${process.platform} ${process.arch}` },
  };
}

const SHORT = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);

/** Writes them down. */
export async function keep(results, file) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, SHORT, 1)}\n`);
}
