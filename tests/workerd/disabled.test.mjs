// A user whom the operator has disabled: out at once in the objects and within 30 s at the edge, and in again later.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { asksWho, openAccount, press, says } from '../support/account_page.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { decide, isConsentForm, logIn, logInToCode, someone } from '../support/login.mjs';
import { modern, modernStream, Session } from '../support/mcp.mjs';
import { authorizeUrl, claims, introspect, newClient, pkce, redeem, refresh } from '../support/oauth.mjs';
import { sharedServer } from '../support/server.mjs';

/** Longest until an ended grant is refused everywhere, in milliseconds. */
const KNOWN_MS = 30_000;

const limit = { timeout: 60_000 };

const TOKEN = randomBytes(16).toString('hex');
const SERVER = { id: 'files', secret: randomBytes(16).toString('hex') };
const SECRET_HASH = createHash('sha256').update(SERVER.secret).digest('base64url');
const { base } = await serve({
  vars: { ADMIN_TOKEN: TOKEN, RESOURCE_SERVERS: JSON.stringify([{ id: SERVER.id, secret_hash: SECRET_HASH }]), QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 },
});
const slow = await serve({ example: 'conformance', vars: { ADMIN_TOKEN: TOKEN } });

const idOf = (account) => claims(account.token).sub;

/** What the operator asks. */
const ask = (path, method = 'GET', authorization = `Bearer ${TOKEN}`, at = base) =>
  exchange(`${at}/admin/accounts/${path}`, { method, headers: { authorization } });

/** The same, which must be answered. */
async function told(path, method) {
  const answer = await ask(path, method);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  assert.equal(answer.header('cache-control'), 'no-store');
  return JSON.parse(text);
}

const disable = (account) => told(`${idOf(account)}/disable`, 'POST');
const enable = (account) => told(`${idOf(account)}/enable`, 'POST');

async function invalidGrant(answer) {
  assert.equal(answer.status, 400);
  assert.equal((await answer.json()).error, 'invalid_grant');
}

describe('a disabled user', { ...limit, concurrency: true }, () => {
  test("is out: sessions, streams, tokens and browsers end, and nobody else's", async () => {
    const [account, stranger] = [await logIn(base), await logIn(base)];
    const session = await Session.open(base, account.token);
    const stream = await session.listen();
    const listener = await modernStream(base, account.token, 'subscriptions/listen', { notifications: { toolsListChanged: true } }, { ms: 60_000 });
    await listener.nextMessage();
    const elsewhere = account.browser.clone();
    const open = await openAccount(base, { browser: account.browser });

    const numbers = await disable(account);
    assert.ok(Date.now() - Date.parse(numbers.disabled_since) < 60_000);
    assert.deepEqual([numbers.grants, numbers.sessions, numbers.login_sessions], [0, 0, 0]);

    assert.deepEqual(await stream.rest(KNOWN_MS), []);
    const last = await listener.rest(KNOWN_MS);
    assert.deepEqual(last.map(({ message }) => message.id), [listener.requestId]);
    assert.equal((await modern(base, account.token, 'tools/list')).status, 401);
    assert.ok((await session.send({ jsonrpc: '2.0', id: 'x', method: 'tools/list' })).status >= 400);
    await invalidGrant(await refresh(base, account));
    const active = await (await introspect(base, SERVER, { token: account.token })).json();
    assert.equal(active.active, false);
    // Both have the cookie, with the sealed record that is still fresh; KV has the record as well.
    for (const browser of [account.browser, elsewhere]) assert.ok(asksWho(await openAccount(base, { browser })));
    assert.ok(asksWho(await press(open, 'sign-out', 'others')));

    assert.equal((await modern(base, stranger.token, 'tools/list')).status, 200);
    assert.equal((await refresh(base, stranger)).status, 200);
    says(await openAccount(base, { browser: stranger.browser }), /Your account/);
  });

  test('has no task any more, neither one that runs nor what another has brought', async () => {
    const account = await logIn(slow.base);
    const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
    const begin = (seconds) => modern(slow.base, account.token, 'tools/call', { name: 'slow_compute', arguments: { seconds } }, { capabilities });
    const tasks = await Promise.all([begin(0), begin(600)]);
    const numbers = async (path, method) => JSON.parse(await (await ask(`${idOf(account)}${path}`, method, undefined, slow.base)).text()).tasks;
    assert.equal(await numbers(''), 2);
    assert.equal(await numbers('/disable', 'POST'), 0);
    await numbers('/enable', 'POST');
    const again = await logIn(slow.base, { user: account.user });
    for (const { result } of tasks) {
      assert.equal(result?.resultType, 'task', JSON.stringify(result));
      const { error } = await modern(slow.base, again.token, 'tasks/get', { taskId: result.taskId }, { capabilities, headers: { 'mcp-name': result.taskId } });
      assert.equal(error?.code, -32602, JSON.stringify(error));
    }
  });

  test('cannot redeem a code, nor get one on a page that is open', async () => {
    const account = await logIn(base);
    const { user, clientId, browser } = account;
    const code = await logInToCode(base, { user, clientId, browser });
    const consent = await browser.open(authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge }));
    assert.ok(consent.forms.some(isConsentForm));
    await disable(account);
    await invalidGrant(await redeem(base, code));
    const asked = await decide(consent);
    assert.ok(!asked.left && asksWho(asked));
  });

  test('is told so when they log in, by an app or by themselves, and gets no session', async () => {
    const account = await logIn(base);
    await disable(account);
    const { user } = account;
    const page = await openAccount(base, { user });
    assert.equal(page.status, 403);
    assert.match(page.words, /This account is disabled/);
    assert.ok(!page.browser.cookieNames(base).some((name) => /^sessile-\d+$/.test(name)));
    assert.ok(asksWho(await openAccount(base, { browser: page.browser })));
    await assert.rejects(logInToCode(base, { user, clientId: await newClient(base) }), /This account is disabled/);
    assert.equal((await told(idOf(account))).login_sessions, 0);
  });

  test('is in again when enabled, with nothing of what ended', async () => {
    const account = await logIn(base);
    await disable(account);
    const once = await told(idOf(account));
    assert.equal((await disable(account)).disabled_since, once.disabled_since, 'a second time changes nothing');
    assert.equal((await enable(account)).disabled_since, null);
    assert.equal((await enable(account)).disabled_since, null);
    await invalidGrant(await refresh(base, account));
    assert.equal((await modern(base, account.token, 'tools/list')).status, 401);
    assert.ok(asksWho(await openAccount(base, { browser: account.browser })));
    const again = await logIn(base, { user: account.user });
    assert.equal(idOf(again), idOf(account));
    const session = await Session.open(base, again.token);
    assert.equal(await session.call('count'), '1');
  });
});

describe('the operator', { ...limit, concurrency: true }, () => {
  test('is told numbers and the state, and no name', async () => {
    const account = await logIn(base, { user: someone('grace') });
    await Session.open(base, account.token);
    const { account: id, provider, first_login: first, last_login: last, ...numbers } = await told(idOf(account));
    assert.deepEqual([id, provider, first, numbers.disabled_since], [idOf(account), 'dev', last, null]);
    assert.deepEqual(
      [numbers.grants, numbers.sessions, numbers.handles, numbers.tasks, numbers.login_sessions],
      [1, 1, 0, 0, 1],
    );
    assert.doesNotMatch(JSON.stringify(numbers), /grace/);
  });

  test('is the only one who may ask', async () => {
    const account = await logIn(base);
    const wrong = `${TOKEN.slice(0, -1)}${TOKEN.endsWith('0') ? '1' : '0'}`;
    for (const authorization of [undefined, `Bearer ${account.token}`, `Bearer ${wrong}`, `Basic ${TOKEN}`, 'Bearer']) {
      for (const [path, method] of [['', 'GET'], ['/disable', 'POST'], ['/enable', 'POST']]) {
        assert.equal((await exchange(`${base}/admin/accounts/${idOf(account)}${path}`, { method, headers: { authorization } })).status, 401);
      }
    }
    assert.equal((await modern(base, account.token, 'tools/list')).status, 200);
  });

  test('makes no account by asking, and changes nothing with GET', async () => {
    const account = await logIn(base);
    for (const id of ['made-up', '', '..', '%00', `${idOf(account)}x`]) {
      for (const [path, method] of [['', 'GET'], ['/disable', 'POST']]) assert.equal((await ask(`${id}${path}`, method)).status, 404, id);
    }
    for (const [path, method] of [['/disable', 'GET'], ['/enable', 'GET'], ['', 'POST'], ['/erase', 'POST']]) {
      assert.equal((await ask(`${idOf(account)}${path}`, method)).status, 404);
    }
    assert.equal((await told(idOf(account))).disabled_since, null);
  });

  test('has no such page without a token in the configuration', async (t) => {
    const plain = await sharedServer();
    t.after(() => plain.stop());
    assert.equal((await ask('any', 'GET', undefined, plain.url)).status, 404);
  });
});
