// How long it takes from the start of a workerd that has never run these Workers to its first answer.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './measure.mjs';
import { serve, tools } from './serve.mjs';

/** Longest that a start may take, in milliseconds. */
const START_MS_MAX = 60_000;

/** In place of workerd: keeps the configuration that it is given. */
const KEEPER = (file) => `#!/bin/sh\ncat > '${file}'\nexit 1\n`;

/** Writes down what a workerd with these Workers is given to read. */
async function configuration(workers, persist, folder) {
  const file = join(folder, 'workerd.config');
  const keeper = join(folder, 'keeper');
  await mkdir(folder, { recursive: true });
  await writeFile(keeper, KEEPER(file));
  await chmod(keeper, 0o700);
  process.env.MINIFLARE_WORKERD_PATH = keeper;
  try {
    await serve(workers, persist);
  } catch {
    return file; // it did not start, as it should not
  } finally {
    delete process.env.MINIFLARE_WORKERD_PATH;
  }
  throw new Error('a workerd started that should not');
}

/** Starts it once; milliseconds until `ask` has its answer. */
async function start(file, ask) {
  const args = ['serve', '--binary', '--experimental', '--socket-addr=entry=127.0.0.1:0', '--external-addr=loopback=127.0.0.1:9', file];
  const began = performance.now();
  const workerd = spawn(tools('workerd').default, args, { stdio: 'ignore' });
  const ended = once(workerd, 'exit');
  try {
    for (;;) {
      const took = performance.now() - began;
      if (took > START_MS_MAX || workerd.exitCode !== null) throw new Error(`no answer after ${took.toFixed(0)} ms`);
      try {
        await ask();
        return performance.now() - began;
      } catch (error) {
        if (error.code !== 'ECONNREFUSED') throw error;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  } finally {
    workerd.kill();
    await ended;
  }
}

/** Starts each of some servers, in turn, so many times; the medians, in milliseconds. */
export async function starts(candidates, times, folder, tell) {
  for (const candidate of candidates) {
    candidate.file = await configuration(candidate.workers, candidate.persist, join(folder, candidate.name));
    await start(candidate.file, candidate.ask); // its files are in the machine's memory from now on
  }
  const took = Object.fromEntries(candidates.map(({ name }) => [name, []]));
  for (let time = 0; time < times; time += 1) {
    for (const { name, file, ask } of time % 2 === 0 ? candidates : candidates.toReversed()) took[name].push(await start(file, ask));
    tell(`start ${time + 1} of ${times}`);
  }
  return Object.fromEntries(Object.entries(took).map(([name, all]) => [name, { all, medianMs: median(all) }]));
}
