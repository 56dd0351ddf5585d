// npm `mcp-remote`, by which programs that only start local servers reach this one: its login, and what it outlives.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { someone, walk } from '../support/login.mjs';
import { Browser } from '../support/pages.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/server.mjs';

/** How long an access token lives on this server, in seconds: the shortest in which a busy machine does what comes first. */
const LIFETIME = 5;
/** The line that names the page which the person has to open. */
const PAGE = /^http\S+\/authorize\?\S+(?=\s)/m;
const PROXY = fileURLToPath(import.meta.resolve('mcp-remote/dist/proxy.js'));

let server;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessile-remote-'));
  server = await startServer({ vars: { ACCESS_TOKEN_SECONDS: LIFETIME } });
}, { timeout: 300_000 });

after(async () => {
  await server?.stop({ keep: false });
  await rm(folder, { recursive: true, force: true });
});

/** A program that starts mcp-remote; `pages` are those that it asks its person to open. */
async function connect(port) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROXY, `${server.url}/mcp`, String(port), '--host', '127.0.0.1', '--auth-timeout', '60'],
    // Nothing of this person's home, and no browser but ours.
    env: { PATH: process.env.PATH, HOME: folder, MCP_REMOTE_CONFIG_DIR: folder, BROWSER: 'true' },
    stderr: 'pipe',
  });
  const pages = [];
  let words = '';
  transport.stderr.setEncoding('utf8').on('data', (part) => {
    words += part;
    const page = PAGE.exec(words)?.[0];
    if (page && !pages.includes(page)) {
      pages.push(page);
      walk(new Browser(), page, { user: someone('remote'), stopAt: `http://127.0.0.1:${port}/` }).then((back) => fetch(back));
    }
  });
  const client = new Client({ name: 'sessile-tests', version: '1' });
  await client.connect(transport, { timeout: 60_000 }).catch((error) => {
    throw new Error(`${error.message}\n${words}`, { cause: error });
  });
  return { client, pages };
}

test('a person logs in once; a token that expires, a server that restarts and a new start of mcp-remote need no other login', { timeout: 180_000 }, async () => {
  const port = await freePort();
  const first = await connect(port);
  const count = async ({ client }) => (await client.callTool({ name: 'count', arguments: {} })).content[0].text;
  try {
    assert.ok((await first.client.listTools()).tools.some(({ name }) => name === 'count'));
    assert.equal(await count(first), '1');
    assert.equal(first.pages.length, 1);

    await new Promise((resolve) => setTimeout(resolve, (LIFETIME + 1) * 1_000));
    assert.equal(await count(first), '2', 'with the next token');

    await server.stop({ hard: true, keep: true });
    server = await server.again();
    assert.equal(await count(first), '3', 'on the same session');
    assert.equal(first.pages.length, 1, 'no other login');
  } finally {
    await first.client.close();
  }
  const second = await connect(port);
  try {
    assert.equal(await count(second), '1');
    assert.equal(second.pages.length, 0, 'it remembers its login');
  } finally {
    await second.client.close();
  }
});
