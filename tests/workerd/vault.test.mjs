// What login providers give for their APIs: kept sealed, lent to tools that name the permission, renewed once for all
// who need it, and used to see whether the user still stands there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CLIENT_ID as GITHUB_ID, CLIENT_SECRET as GITHUB_SECRET, startGitHub } from '../counterparts/github.mjs';
import { CLIENT_ID, startLiar } from '../counterparts/liar.mjs';
import { fillInThere, startOpenId } from '../counterparts/openid.mjs';
import { decide, isLoginForm, logIn, passLogin, someone } from '../support/login.mjs';
import { modern, Session, textOf } from '../support/mcp.mjs';
import { authorizeUrl, claims, newClient, pkce, redeem, refresh } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { recordsWhen } from '../support/records.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/server.mjs';
import { ageChecks, storedIn, vaults } from '../support/vault.mjs';

const limit = { timeout: 120_000 };
const run = promisify(execFile);
const SECRET = 'acme-secret-for-tests';
const OFFLINE = ['openid', 'profile', 'offline_access'];
/** Longest until an ended grant is refused everywhere, in milliseconds. */
const KNOWN_MS = 30_000;

let acme;
let github;
let server;
let base;

before(async () => {
  [acme, github] = await Promise.all([startLiar({ secret: SECRET }), startGitHub()]);
  server = await startServer({
    config: 'examples/permissions/wrangler.toml',
    vars: {
      PROVIDERS: JSON.stringify([
        { kind: 'dev' },
        { kind: 'oidc', id: 'acme', name: 'Acme ID', issuer: acme.url, client_id: CLIENT_ID, scopes: OFFLINE, keep_tokens: true },
        { kind: 'oidc', id: 'forgetful', issuer: acme.url, client_id: CLIENT_ID, scopes: OFFLINE },
        { kind: 'github', client_id: GITHUB_ID, url: github.url, api_url: github.url, scopes: ['read:user'], keep_tokens: true },
      ]),
      ACME_CLIENT_SECRET: SECRET,
      FORGETFUL_CLIENT_SECRET: SECRET,
      GITHUB_CLIENT_SECRET: GITHUB_SECRET,
      QUOTA_BURST: 10_000,
      QUOTA_PER_MINUTE: 10_000,
    },
  });
  base = server.url;
}, { timeout: 300_000 });

beforeEach(() => {
  const subject = someone('acme');
  Object.assign(acme, { subject, name: `${subject} of Acme`, expiresIn: 300, renewedFor: 300, before: undefined, refreshes: 0, reuses: 0, faults: {} });
});

after(async () => {
  await server?.stop({ keep: false });
  await Promise.all([acme?.stop(), github?.stop()]);
});

const SCOPE = 'upstream:acme';
const CARD = { name: 'card', arguments: {} };
const logInThere = async (more) => ({ ...(await logIn(base, { provider: 'acme', scope: SCOPE, ...more })), name: acme.name });
const card = (account, params = CARD) => modern(base, account.token, 'tools/call', params);
const words = (reply) => reply.result.content[0].text;
const again = /has to log in again/;

/** Stops the server, does something to its storage, and serves on. */
async function meanwhile(act) {
  await server.stop({ keep: true });
  const result = await act();
  server = await server.again();
  return result;
}

const age = async () => assert.ok((await meanwhile(() => ageChecks(server.persist))) > 0, 'a vault is there');

/** Tries until it is so; fails when it should be so by now. */
async function until(what, ask, ms = KNOWN_MS) {
  const deadline = Date.now() + ms;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await wait(100);
  }
}

const isOut = async (account) => (await modern(base, account.token, 'tools/list')).status === 401;

describe('a tool with the permission', limit, () => {
  test('acts in the user\'s name at their provider, in a session and without one', async () => {
    const account = await logInThere();
    const session = await Session.open(base, account.token);
    const want = `This is the card of ${account.name}.`;
    const answers = [await card(account), await session.request('tools/call', CARD)];
    for (const answer of answers) assert.equal(textOf(answer), want);
    assert.equal(acme.refreshes, 0);
    // SEC-08: nobody but the tool's Worker has seen a token, and nothing has it in clear.
    const seen = JSON.stringify([answers, account.body, account.arrived]) + server.log();
    assert.ok(acme.given.length > 1);
    for (const token of acme.given) {
      assert.ok(!seen.includes(token));
      assert.deepEqual(storedIn(server.persist, token), []);
    }
    assert.ok(storedIn(server.persist, account.clientId.slice(0, 40)).length > 0, 'what is stored in clear is found');
  });

  test('SEC-03: the user is told so in words of ours, and may say no', async () => {
    const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge, scope: SCOPE });
    const account = await logInThere();
    const page = await passLogin(account.browser, url, { provider: 'acme' });
    assert.match(page.words, /act in your name at Acme ID, as far as you allowed there upstream:acme/);
    const without = await logInThere({ scope: 'books:read' });
    const refused = await card(without);
    assert.equal(refused.status, 403);
    assert.match(refused.headers['www-authenticate'], /scope="mcp books:read upstream:acme"/);
  });

  test('a client can neither set what the tool gets nor see it', async () => {
    const account = await logIn(base, { scope: SCOPE });
    const planted = { 'sessile/upstream': { provider: 'acme', issuer: acme.url, access_token: acme.given.at(-1) ?? 'planted' } };
    const session = await Session.open(base, account.token);
    const params = { ...CARD, _meta: planted };
    for (const answer of [await card(account, params), await session.request('tools/call', params)]) {
      assert.equal(answer.result.isError, true);
      assert.match(words(answer), again);
      assert.doesNotMatch(JSON.stringify(answer), /sessile\//);
    }
    const { result } = await modern(base, account.token, 'tools/list');
    assert.doesNotMatch(JSON.stringify(result), /sessile\//);
  });

  test('is told what to do where nothing is kept: of another provider, or of one that keeps nothing', async () => {
    const elsewhere = await logIn(base, { scope: SCOPE });
    const unkept = await logInThere({ provider: 'forgetful' });
    for (const account of [elsewhere, unkept]) assert.match(words(await card(account)), again);
    // The same user by the way that keeps: then there is something.
    const kept = await logInThere();
    assert.ok(textOf(await card(kept)));
  });

  test('gets nothing any more when the user has signed out everywhere', async () => {
    const account = await logInThere();
    assert.ok(textOf(await card(account)));
    const page = await account.browser.open(`${base}/account`);
    const form = page.form('the account', ({ action }) => action.pathname === '/account');
    await page.submit(form, { button: { name: 'sign-out', value: 'all' } });
    assert.match(words(await card(account)), again);
    await logInThere();
    assert.ok(textOf(await card(account)), 'a login brings it back');
  });
});

describe('an access token that ends', limit, () => {
  test('is renewed once for all who need it at the same time', async () => {
    acme.expiresIn = 0;
    const account = await logInThere();
    const session = await Session.open(base, account.token);
    acme.before = wait(300);
    const calls = [card(account), session.request('tools/call', CARD), card(account), session.request('tools/call', CARD)];
    for (const answer of await Promise.all(calls)) assert.equal(textOf(answer), `This is the card of ${account.name}.`);
    assert.deepEqual([acme.refreshes, acme.reuses], [1, 0]);
  });

  test('is renewed each time, with the newest refresh token', async () => {
    Object.assign(acme, { expiresIn: 0, renewedFor: 0 });
    const account = await logInThere();
    for (let calls = 1; calls <= 3; calls += 1) {
      assert.ok(textOf(await card(account)));
      assert.deepEqual([acme.refreshes, acme.reuses], [calls, 0]);
    }
  });

  test('and cannot be renewed while the provider is in trouble: the tool says so, and nothing ends', async () => {
    acme.expiresIn = 0;
    const account = await logInThere();
    acme.faults = { token: 'server error' };
    const answer = await card(account);
    assert.equal(answer.result.isError, true);
    assert.match(words(answer), /cannot be reached at the moment/);
    Object.assign(acme, { faults: {}, expiresIn: 300 });
    // It is left alone for a while, also when it is well again.
    assert.match(words(await card(account)), /cannot be reached at the moment/);
    assert.equal((await modern(base, account.token, 'tools/list')).status, 200);
    await logInThere();
    assert.ok(textOf(await card(account)), 'what a login brings is used at once');
  });

  test('and whose user is gone there: everything ends, and they are let in again when the provider does', async () => {
    acme.expiresIn = 0;
    const account = await logInThere();
    acme.gone.add(acme.subject);
    assert.match(words(await card(account)), again);
    await until('the user is out', () => isOut(account));
    assert.equal((await (await refresh(base, account)).json()).error, 'invalid_grant');
    const isRecorded = ({ name, actor }) => name === 'gone at the provider' && actor.account === claims(account.token).sub;
    await recordsWhen(server.persist, (all) => all.some(isRecorded));
    acme.gone.delete(acme.subject);
    assert.ok(textOf(await card(await logInThere())));
  });
});

describe('a user who was disabled at their provider', limit, () => {
  test('is out in time once an app has used its refresh token', async () => {
    const [account, stranger] = [await logInThere(), await logIn(base)];
    acme.gone.add(acme.subject);
    // Asked a moment ago: not asked again yet.
    let renewed = await (await refresh(base, account)).json();
    assert.equal(acme.refreshes, 0);
    await age();
    renewed = await (await refresh(base, { ...account, refreshToken: renewed.refresh_token })).json();
    const session = await Session.open(base, renewed.access_token).catch(() => undefined);
    await until('the user is out', () => isOut({ token: renewed.access_token }));
    assert.equal(acme.refreshes, 1);
    const last = await refresh(base, { ...account, refreshToken: renewed.refresh_token });
    assert.equal((await last.json()).error, 'invalid_grant');
    if (session) assert.ok((await session.send({ jsonrpc: '2.0', id: 'x', method: 'tools/list' })).status >= 400);
    assert.ok((await account.browser.open(`${base}/account`)).forms.some(isLoginForm('acme')), 'the browser is logged out');
    assert.equal((await modern(base, stranger.token, 'tools/list')).status, 200);
  });

  test('is out in time once they have opened a page', async () => {
    const account = await logInThere();
    acme.gone.add(acme.subject);
    await age();
    await account.browser.open(`${base}/account`);
    await until('the user is out', () => isOut(account));
    assert.ok((await account.browser.open(`${base}/account`)).forms.some(isLoginForm('acme')));
  });

  test('a provider in trouble ends nothing', async () => {
    const account = await logInThere();
    await age();
    acme.faults = { token: 'server error' };
    const page = await account.browser.open(`${base}/account`);
    assert.match(page.words, /Your account/);
    await server.says(/asking acme about a user/, KNOWN_MS);
    assert.equal((await modern(base, account.token, 'tools/list')).status, 200);
    acme.faults = {};
    assert.equal((await refresh(base, account)).status, 200);
  });

  test('GitHub is asked whether it still takes its token', async () => {
    const account = await logIn(base, { provider: 'github' });
    const asked = () => github.seen.filter(({ endpoint }) => endpoint === 'user').length;
    await age();
    const before = asked();
    assert.match((await account.browser.open(`${base}/account`)).words, /Your account/);
    await until('GitHub was asked', () => asked() > before);
    assert.equal((await modern(base, account.token, 'tools/list')).status, 200);
    await age();
    github.revokeAll();
    await account.browser.open(`${base}/account`);
    await until('the user is out', () => isOut(account));
    assert.ok((await account.browser.open(`${base}/account`)).forms.some(isLoginForm('github')));
  });
});

describe('a certified provider', limit, () => {
  let certified;
  let library;

  before(async () => {
    const port = await freePort();
    certified = await startOpenId({ clientId: CLIENT_ID, secret: SECRET, redirect: `http://127.0.0.1:${port}/login/callback/acme`, accessSeconds: 3 });
    library = await startServer({
      port,
      config: 'examples/permissions/wrangler.toml',
      vars: {
        PROVIDERS: JSON.stringify([{ kind: 'oidc', id: 'acme', issuer: certified.issuer, client_id: CLIENT_ID, scopes: OFFLINE, keep_tokens: true }]),
        ACME_CLIENT_SECRET: SECRET,
      },
    });
  });

  after(async () => {
    await library?.stop({ keep: false });
    await certified?.stop();
  });

  test('gives tokens that are renewed each time they end, until the user is gone there', async () => {
    const at = library.url;
    const [clientId, { verifier, challenge }] = [await newClient(at), pkce()];
    const url = authorizeUrl(at, { client_id: clientId, code_challenge: challenge, scope: SCOPE });
    const there = await passLogin(new Browser(), url, { provider: 'acme' });
    const { left } = await decide(await fillInThere(there, 'ada'));
    const { access_token: token } = await (await redeem(at, { clientId, code: left.searchParams.get('code'), verifier })).json();
    const call = () => modern(at, token, 'tools/call', CARD);
    assert.equal(textOf(await call()), 'This is the card of ada of Acme.');
    for (let times = 0; times < 2; times += 1) {
      await wait(3_000);
      assert.equal(textOf(await call()), 'This is the card of ada of Acme.');
    }
    certified.left.add('ada');
    await wait(3_000);
    assert.match(words(await call()), again);
    await until('the user is out', async () => (await modern(at, token, 'tools/list')).status === 401);
  });
});

describe('a new root secret', limit, () => {
  test('reads what the old one sealed, and seals what is renewed', async () => {
    const account = await logInThere();
    acme.renewedFor = 0;
    const secrets = (...more) => run(process.env.SESSILE_DEV_COMMAND, ['secrets', ...more, '--persist', server.persist]);
    await meanwhile(() => secrets('rotate'));
    assert.equal(textOf(await card(account)), `This is the card of ${account.name}.`);
    const kept = await meanwhile(() => vaults(server.persist));
    assert.ok(kept.every(({ sealed }) => /^[A-Za-z0-9_-]{100,}$/.test(sealed)));
    assert.equal(textOf(await card(account)), `This is the card of ${account.name}.`);
  });
});
