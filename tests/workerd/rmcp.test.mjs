// The official Rust client: a program of its own, see clients/rmcp/. It logs in at the product's own server and uses
// every feature of another, in each of its three lifecycles, and says how each went.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { fixtureServer } from '../support/conformance_fixture.mjs';
import { sharedServer } from '../support/server.mjs';

const TESTS = dirname(dirname(fileURLToPath(import.meta.url)));
/** Longest for starting the servers, building the client from nothing and running it, in milliseconds. */
const BUILD_AND_RUN_MS = 1_200_000;

let server;
let fixture;
let output = '';

before(async (t) => {
  server = await sharedServer();
  fixture = await fixtureServer();
  const manifest = join(TESTS, 'clients', 'rmcp', 'Cargo.toml');
  const target = process.env.SESSILE_RMCP_TARGET ?? join(dirname(TESTS), 'target', 'rmcp-client');
  const child = spawn('cargo', ['run', '--quiet', '--locked', '--manifest-path', manifest], {
    cwd: TESTS,
    env: { ...process.env, SESSILE_URL: server.url, SESSILE_FIXTURE_URL: fixture.url, CARGO_TARGET_DIR: target },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (output += part));
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}, { timeout: BUILD_AND_RUN_MS });

after(async () => {
  await server?.stop();
  await fixture?.stop();
});

for (const [lifecycle, hasSession] of [['initialize', true], ['discover', false], ['auto', false]]) {
  describe(`rmcp, ${lifecycle}`, () => {
    const went = (what) => {
      const line = output.split('\n').find((candidate) => new RegExp(`^(ok|FAILED) ${lifecycle} ${what}\\b`).test(candidate));
      assert.equal(line, `ok ${lifecycle} ${what}`, output);
    };

    test('is refused, logs in, counts, is asked, and hears of progress', () => went('login'));
    test('connects without a login where none is asked for', () => went('connects'));
    test(`${hasSession ? 'L-INIT-03' : 'M-DISC-01'}: is told of every feature`, () => went('told'));
    test('lists tools, prompts, resources and templates', () => went('lists'));
    test('gets every kind of content, and failures as results', () => went('contents'));
    test(`${hasSession ? '' : 'M-PAR-01: '}sends an argument that its schema wants in a header, too, beyond ASCII as well`, () => went('header_argument'));
    test(`${hasSession ? '' : 'M-PRM-01: '}gets a prompt, answers what one asks, and is refused one without its arguments`, () => went('prompts'));
    test(`${hasSession ? 'L-RES-02' : 'M-RES-01'}: reads a text, a picture, what a template makes, and nothing that does not exist`, () => went('resources'));
    test(`${hasSession ? '' : 'M-COMP-01: '}completes an argument of a prompt`, () => went('completion'));
    test(`${hasSession ? 'L-S2C-03, L-S2C-04' : 'M-MRTR-01'}: accepts, declines and dismisses a question`, () => went('questions'));
    test('answers two questions one after the other', () => went('rounds'));
    test('lets its model answer, and all that can be asked in one call', () => went('model_and_roots'));
    test(`${hasSession ? 'L-PROG-01' : 'M-PROG-01'}: hears every step of a call`, () => went('progress'));
    test(`${hasSession ? 'L-LOG-01' : 'M-LOG-01'}: hears logs from the level on that it asked for`, () => went('logs'));
    test('gets the result of a call whose connection is let go', () => went('let_go'));
    test(`${hasSession ? 'L-RES-01, L-LIST-01' : 'M-SUB-01, M-SUB-03'}: hears of a resource and of the list of tools, as it asked to`, () => went('changes'));
    test('gives up calls that run, and goes on', () => went('cancel'));
    test('closes its connection', () => went('closes'));
  });
}

test('the program tried nothing that is not judged here', () => {
  assert.match(output, new RegExp(`^${3 * 18} passed, 0 failed$`, 'm'));
});
