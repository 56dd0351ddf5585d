// The document about the API: well-formed by a linter's word, and true by that of a program that asks whatever it says
// can be asked, and what it says cannot.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { ask, done, withToken } from '../support/api.mjs';
import { openAccount } from '../support/account_page.mjs';
import { serve } from '../support/fixture.mjs';
import { logIn, someone } from '../support/login.mjs';

/** For how long the API is asked, in seconds. */
const ASKING_S = 25;
/** Longest that it may take with beginning and telling, in milliseconds. */
const ASKING_MS = 120_000;
/** The same questions each time, as far as time allows. */
const SEED = '1';
/** What would end the token that is asked with. */
const ENDS_THE_CALLER = '^endGrant$';

const CONFIG = join(dirname(dirname(fileURLToPath(import.meta.url))), 'clients', 'schemathesis.toml');

const { base } = await serve({ vars: { ADMINS: '[{"provider":"dev","subject":"root"}]', QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });
const DOCUMENT = `${base}/api/v1/openapi.json`;

const admin = () => logIn(base, { user: 'root', scope: 'account:read account:write admin:users admin:policies admin:usage admin:audit' });

/** Asks what the document says, with a token and these arguments; what it found is in the failure's message. */
async function fuzz(token, args) {
  const python = process.env.SESSILE_PYTHON;
  if (!python) throw new Error('set SESSILE_PYTHON to a Python that has the packages of clients/python/requirements.txt');
  const folder = await mkdtemp(join(tmpdir(), 'sessile-fuzz-'));
  const program = ['-c', 'from schemathesis.cli import schemathesis; schemathesis()', '--config-file', CONFIG, 'run', DOCUMENT];
  const all = [...program, '--header', `Authorization: Bearer ${token}`, '--checks', 'all', '--seed', SEED, '--no-color', ...args];
  // What it remembers lies in its folder, and nothing is left behind in the sources.
  const child = spawn(python, all, { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), ASKING_MS);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (said += part));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearTimeout(timer);
  await rm(folder, { recursive: true, force: true });
  assert.equal(code, 0, said.slice(-20_000));
  const { groups } = /(?<cases>\d+) generated/.exec(said) ?? {};
  assert.ok(groups, said.slice(-2_000));
  return Number(groups.cases);
}

describe('the document', { timeout: 60_000 }, () => {
  test('is there for everybody, and says where the server is', async () => {
    const answer = done(await ask(base, 'GET', '/openapi.json'));
    assert.equal(answer.header('content-type'), 'application/json');
    assert.equal(answer.header('access-control-allow-origin'), '*');
    assert.equal(answer.json.openapi, '3.1.0');
    assert.deepEqual(answer.json.servers, [{ url: `${base}/api/v1` }]);
  });

  test('has nothing that a linter at its strictest complains of', async () => {
    const { text } = done(await ask(base, 'GET', '/openapi.json'));
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
    assert.deepEqual(problems.map(({ ruleId, message, location: [place] }) => `${ruleId}: ${message} (${place?.pointer})`), []);
  });
});

describe('the API', { timeout: 2 * ASKING_MS }, () => {
  test('answers as the document says, whatever is asked, and never with 500', async () => {
    for (const user of [someone(), someone()]) await openAccount(base, { user });
    const [account, other] = [await admin(), await admin()];
    const cases = await fuzz(account.token, ['--max-time', String(ASKING_S), '--max-examples', '8', '--exclude-operation-id-regex', ENDS_THE_CALLER]);
    assert.ok(cases > 200, `${cases} cases`);
    done(await withToken(base, account.token)('GET', '/me'));
    await fuzz(other.token, ['--max-examples', '8', '--phases', 'examples,coverage,fuzzing', '--include-operation-id-regex', ENDS_THE_CALLER]);
  });
});
