// MCP Inspector's command line: its own login, in both eras, and a token that expires while it calls.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { someone, walk } from '../support/login.mjs';
import { Browser } from '../support/pages.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/server.mjs';

/** How long an access token lives on this server, in seconds: the shortest in which a busy machine does what comes first. */
const LIFETIME = 5;
/** Longest for one run of the program, in milliseconds. */
const RUN_MS = 60_000;
/** The words that name the page which the person has to open. */
const PAGE = /http\S+\/authorize\?\S+(?=\s)/;
const PROGRAM = join(dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/inspector/package.json'))), 'clients/launcher/build/index.js');

let server;

before(async () => {
  server = await startServer({ vars: { ACCESS_TOKEN_SECONDS: LIFETIME } });
}, { timeout: 300_000 });

after(() => server?.stop({ keep: false }));

/** Runs the program; `pages` are those that it asks its person to open, who does. */
async function inspect(home, port, ...words) {
  const args = [PROGRAM, '--cli', '--server-url', `${server.url}/mcp`, '--transport', 'http', '--format', 'json', '--callback-url', `http://127.0.0.1:${port}/oauth/callback`, ...words];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: home, BROWSER: 'true', MCP_AUTO_OPEN_ENABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
  });
  let [output, said] = ['', ''];
  const pages = [];
  child.stdout.setEncoding('utf8').on('data', (part) => (output += part));
  child.stderr.setEncoding('utf8').on('data', (part) => {
    said += part;
    const page = PAGE.exec(said)?.[0];
    if (page && !pages.includes(page)) {
      pages.push(page);
      walk(new Browser(), page, { user: someone('inspector'), stopAt: `http://127.0.0.1:${port}/` }).then((back) => fetch(back));
    }
  });
  const ending = await new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  assert.equal(ending, 0, `${output}\n${said}`);
  return { result: JSON.parse(output), pages: pages.length };
}

describe('the command line of Inspector', { timeout: 240_000, concurrency: true }, () => {
  for (const era of ['legacy', 'modern']) {
    test(`${era}: a person logs in once, and calls go on when the token has expired`, async () => {
      const home = await mkdtemp(join(tmpdir(), 'sessile-inspector-cli-'));
      try {
        const load = ['--load', '--load-concurrency', '1', '--load-rate', '4', '--load-duration', String(2 * LIFETIME + 2)];
        const call = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'text=hello'];
        const { result, pages } = await inspect(home, await freePort(), '--protocol-era', era, ...call, ...load);
        assert.equal(pages, 1);
        const { requests, ok } = result.result;
        assert.ok(requests > LIFETIME && ok === requests, JSON.stringify(result));
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    });
  }
});
