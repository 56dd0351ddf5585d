// `cargo xtask secrets --remote`: the secrets of a deployment, by the real wrangler, at a stand-in for Cloudflare's API.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startCloudflare } from '../counterparts/cloudflare.mjs';

/** Longest one run takes, in milliseconds. */
const RUN_MS = 120_000;
const [token, account] = [randomBytes(20).toString('hex'), randomBytes(16).toString('hex')];
const WORKERS = ['sessile', 'sessile-portal', 'sessile-objects'];
let cloudflare;

/** Runs it; what it printed, and how it ended. `given` is what it reads. */
const secrets = (words, given = '') =>
  new Promise((resolve) => {
    const env = { ...process.env, CI: '1', CLOUDFLARE_API_BASE_URL: cloudflare.api, CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account, WRANGLER_SEND_METRICS: 'false' };
    const child = execFile(process.env.SESSILE_DEV_COMMAND, ['secrets', '--remote', ...words], { env, timeout: RUN_MS }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, said: `${stdout}${stderr}` }));
    // What is refused at once is ended before it reads.
    child.stdin.on('error', () => {});
    child.stdin.end(given);
  });

async function done(words, given) {
  const { code, said } = await secrets(words, given);
  assert.equal(code, 0, said);
  return said;
}

/** What a Worker has; the portal has every secret. */
const kept = (worker = 'sessile-portal') => cloudflare.workers.get(worker);
/** The Workers that have a secret, each with the same value. */
const having = (name) => {
  const values = WORKERS.filter((worker) => kept(worker)?.has(name));
  assert.equal(new Set(values.map((worker) => kept(worker).get(name))).size, values.length ? 1 : 0, name);
  return values;
};

before(async () => {
  cloudflare = await startCloudflare({ token, account });
});
after(() => cloudflare.stop());

describe('the secrets of a deployment', { timeout: 10 * RUN_MS }, () => {
  test('are said to be missing before the first deployment, and made for it', async () => {
    const before = await secrets(['status']);
    assert.notEqual(before.code, 0);
    assert.match(before.said, /SESSILE_SECRET +MISSING +`cargo xtask secrets --remote make` makes it/);
    const made = await done(['make']);
    assert.match(kept().get('SESSILE_SECRET'), /^[\w-]{43}$/);
    assert.deepEqual(having('SESSILE_SECRET'), WORKERS);
    assert.ok(!made.includes(kept().get('SESSILE_SECRET')), 'nobody is shown it');
    assert.match(await done(['status']), /SESSILE_SECRET +set/);
    const secret = kept().get('SESSILE_SECRET');
    await done(['make']);
    assert.equal(kept().get('SESSILE_SECRET'), secret, 'a second time changes nothing');
  });

  test('the operator\'s token is shown once', async () => {
    const said = await done(['make', 'ADMIN_TOKEN']);
    assert.ok(said.includes(kept().get('ADMIN_TOKEN')));
    assert.deepEqual(having('ADMIN_TOKEN'), ['sessile-portal'], 'only who asks for it has it');
    assert.ok(!(await done(['status'])).includes(kept().get('ADMIN_TOKEN')));
  });

  test('what a provider gave is read from a pipe, and shown to nobody', async () => {
    const given = randomBytes(20).toString('hex');
    const said = await done(['set', 'GITHUB_CLIENT_SECRET'], `${given}\n`);
    assert.equal(kept().get('GITHUB_CLIENT_SECRET'), given);
    assert.deepEqual(having('GITHUB_CLIENT_SECRET'), ['sessile-portal', 'sessile-objects']);
    assert.ok(!said.includes(given));
    assert.notEqual((await secrets(['set', 'SESSILE_SECRET'], given)).code, 0, 'that is for `make` and `rotate`');
  });

  test('the next root secret begins when every machine has it, and the oldest is taken away', async () => {
    const begun = Date.now();
    await done(['rotate']);
    const [, secret, from] = /^([\w-]{43}) from (\S+)$/.exec(kept().get('SESSILE_SECRET_2'));
    assert.notEqual(secret, kept().get('SESSILE_SECRET'));
    const ahead = Date.parse(from) - begun;
    assert.ok(ahead > 4 * 60_000 && ahead < 7 * 60_000, `${ahead} ms`);
    await done(['retire']);
    assert.deepEqual([...kept().keys()].filter((name) => name.startsWith('SESSILE_')), ['SESSILE_SECRET_2']);
    assert.deepEqual(having('SESSILE_SECRET_2'), WORKERS);
    assert.deepEqual(having('SESSILE_SECRET'), []);
    assert.notEqual((await secrets(['retire'])).code, 0, 'the only one stays');
  });

  test('one that is set at some Workers and not at others is told, and nothing is done', async () => {
    kept('sessile').delete('SESSILE_SECRET_2');
    const { code, said } = await secrets(['make']);
    assert.notEqual(code, 0);
    assert.match(said, /SESSILE_SECRET_2 is set at sessile-portal and not at sessile, and cannot be read back/);
    kept('sessile').set('SESSILE_SECRET_2', kept().get('SESSILE_SECRET_2'));
  });

  test('a refusal of Cloudflare is told', async () => {
    const api = cloudflare.api;
    cloudflare.api = `${api}/elsewhere`;
    const { code, said } = await secrets(['status']);
    cloudflare.api = api;
    assert.notEqual(code, 0);
    assert.match(said, /wrangler secret list ended with/);
  });
});
