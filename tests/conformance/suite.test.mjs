// The official conformance suite against examples/conformance behind the front Worker, on both wires.
//
// One run after the other, though each has results of its own: the suite gives an answer as little as half a second,
// which four runs at once on a small machine would not keep, and a changed list is told to every listener.

import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';
import { judge, readScenarios, shown } from './report.mjs';
import { OUTPUT, runProgram } from './program.mjs';
import { RUNS, scoredScenarios } from './runs.mjs';

/** The Worker that has what the suite asks for. */
const CONFIG = join('examples', 'conformance', 'wrangler.toml');
/** Longest for one run, in milliseconds. The suite gives each of up to 50 scenarios 30 s, and most take well under one. */
const RUN_MS = 300_000;
/** Longest for starting the server, in milliseconds. */
const START_MS = 300_000;

let endpoint;
let server;

before(async () => {
  const running = process.env.SESSILE_CONFORMANCE_URL;
  if (!running) server = await startServer({ config: CONFIG });
  endpoint = new URL('/mcp', running || server.url).href;
}, { timeout: START_MS });

after(() => server?.stop());

for (const run of RUNS) {
  test(`the official suite finds nothing to complain about: ${run.name}`, { timeout: RUN_MS + 10_000 }, async () => {
    const folder = join(OUTPUT, run.name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { ending, output } = await runProgram(['server', '--url', endpoint, ...run.options, '--output-dir', folder], { ms: RUN_MS });
    await writeFile(join(folder, 'output.log'), output);

    const outcome = judge(run, await scoredScenarios(run), await readScenarios(folder));
    const { problems } = outcome;
    problems.push(...output.split('\n').filter((line) => line.startsWith('Failed to run scenario ')));
    // 1 means that a check failed; then the results say which.
    if (ending !== 0 && (ending !== 1 || problems.length === 0)) problems.push(`the suite ended with ${ending}:\n${output.slice(-2_000)}`);
    console.log(shown(run, outcome));
    assert.equal(problems.length, 0, `${problems.length} problems, named above; the suite's results are in ${folder}`);
  });
}
