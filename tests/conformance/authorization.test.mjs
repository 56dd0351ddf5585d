// The official suite's scenarios for authorization servers, against the front Worker's own: its metadata, and the
// authorization code grant by a client that registered, with a person who logs in and agrees.

import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { walk, someone } from '../support/login.mjs';
import { newClient } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/server.mjs';
import { OUTPUT, runProgram } from './program.mjs';
import { judge, readScenarios, shown } from './report.mjs';
import { AUTHORIZATION_RUNS } from './runs.mjs';

/** Longest for one run, in milliseconds; it takes two seconds. */
const RUN_MS = 60_000;
/** Longest for starting the server, in milliseconds. */
const START_MS = 300_000;
/** The line that names the page which the person has to open. */
const PAGE = /^http\S+\/authorize\?\S+$/m;

let server;

before(async () => {
  server = await startServer();
}, { timeout: START_MS });

after(() => server?.stop());

for (const run of AUTHORIZATION_RUNS) {
  test(`the official suite finds nothing to complain about: ${run.name}`, { timeout: RUN_MS + 10_000 }, async () => {
    const folder = join(OUTPUT, run.name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const callback = `http://127.0.0.1:${port}/callback`;
    const client = await newClient(server.url, { redirect_uris: [callback] });
    let person;
    const args = ['authorization', '--url', server.url, '--client-id', client, '--resource', `${server.url}/mcp`, '--port', String(port)];
    const { ending, output } = await runProgram([...args, ...run.options, '--output-dir', folder], {
      ms: RUN_MS,
      heard: (text) => {
        const page = PAGE.exec(text)?.[0];
        if (page) person ??= agree(page, callback);
      },
    });
    await person;
    await writeFile(join(folder, 'output.log'), output);

    const outcome = judge(run, [], await readScenarios(folder));
    const { problems } = outcome;
    if (ending !== 0 && (ending !== 1 || problems.length === 0)) problems.push(`the suite ended with ${ending}:\n${output.slice(-2_000)}`);
    console.log(shown(run, outcome));
    assert.equal(problems.length, 0, `${problems.length} problems, named above; the suite's results are in ${folder}`);
  });
}

/** Somebody logs in, agrees, and is sent back to the suite. */
async function agree(page, callback) {
  const back = await walk(new Browser(), page, { user: someone('conformance'), stopAt: callback });
  await fetch(back);
}
