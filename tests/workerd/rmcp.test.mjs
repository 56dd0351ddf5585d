// The official Rust client: a program of its own, see clients/rmcp/.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { sharedServer } from '../support/server.mjs';

const TESTS = dirname(dirname(fileURLToPath(import.meta.url)));
/** Longest for building the client from nothing and running it, in milliseconds. */
const BUILD_AND_RUN_MS = 900_000;

let server;

before(async () => {
  server = await sharedServer();
}, { timeout: 300_000 });

after(() => server?.stop());

test('rmcp logs in and calls tools as a session client, as a stateless client, and choosing by itself', { timeout: BUILD_AND_RUN_MS }, async (t) => {
  const manifest = join(TESTS, 'clients', 'rmcp', 'Cargo.toml');
  const target = process.env.SESSILE_RMCP_TARGET ?? join(dirname(TESTS), 'target', 'rmcp-client');
  const child = spawn('cargo', ['run', '--quiet', '--locked', '--manifest-path', manifest], {
    cwd: TESTS,
    env: { ...process.env, SESSILE_URL: server.url, CARGO_TARGET_DIR: target },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (output += part));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  assert.equal(code, 0, output);
  assert.match(output, /^3 passed, 0 failed$/m);
});
