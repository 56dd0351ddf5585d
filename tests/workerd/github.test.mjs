// Logging in with GitHub, against a stand-in with GitHub's documented endpoints and quirks; and the `state` of a login.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { CLIENT_ID, CLIENT_SECRET, startGitHub } from '../counterparts/github.mjs';
import { isConsentForm, logIn } from '../support/login.mjs';
import { Session } from '../support/mcp.mjs';
import { REDIRECT } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { assertErrorPage, assertLoggedOut, PATIENCE_MS, pressProvider, reachCallback } from '../support/provider_pages.mjs';
import { startServer } from '../support/server.mjs';

const limit = { timeout: 90_000 };
const OCTOCAT = { id: 583231, login: 'octocat', name: 'monalisa octocat' };

let github;
let server;
let base;

before(async () => {
  github = await startGitHub();
  server = await startServer({
    vars: {
      PROVIDERS: JSON.stringify([{ kind: 'dev' }, { kind: 'github', client_id: CLIENT_ID, url: github.url, api_url: github.url }]),
      GITHUB_CLIENT_SECRET: CLIENT_SECRET,
    },
  });
  base = server.url;
}, { timeout: 300_000 });

afterEach(() => Object.assign(github, { user: OCTOCAT, refuses: false, faults: {}, seen: [] }));

after(async () => {
  await server?.stop();
  await github?.stop();
});

const whoami = async (account) => (await Session.open(base, account.token)).call('whoami');

describe('GitHub', limit, () => {
  test('a person logs in with GitHub and is known by the number of their account', async () => {
    const text = await whoami(await logIn(base, { provider: 'github' }));
    assert.match(text, /github/i);
    assert.ok(text.includes('583231'), text);
  });

  test('the token endpoint is asked with PKCE, for JSON, and the API with a user agent', async () => {
    await logIn(base, { provider: 'github' });
    const [token, user] = ['token', 'user'].map((name) => github.seen.find(({ endpoint }) => endpoint === name));
    assert.ok(token.form.get('code_verifier').length >= 43, 'RFC 7636 section 4.1');
    assert.match(token.headers.accept, /application\/json/);
    assert.ok(user.headers['user-agent']);
  });

  test('SEC-01: a renamed account is the same user, an equal name is not', async () => {
    const session = await Session.open(base, (await logIn(base, { provider: 'github' })).token);
    const use = async () => {
      const account = await logIn(base, { provider: 'github', clientId: undefined });
      return whoami(account);
    };
    github.user = { ...OCTOCAT, login: 'octocat-renamed', name: 'Someone Else' };
    assert.ok((await use()).includes('583231'));
    github.user = { id: 99, login: 'octocat', name: OCTOCAT.name };
    const other = await logIn(base, { provider: 'github' });
    const foreign = new Session(base, other.token, session.id, session.initialized);
    assert.equal((await foreign.request('ping')).status, 404);
  });

  test('a person without a name on GitHub is still greeted', async () => {
    github.user = { id: 7, login: 'nameless', name: null };
    const page = await pressProvider(base, 'github');
    assert.ok(page.forms.some(isConsentForm), page.words);
    assert.ok(page.words.includes('nameless'), page.words);
  });

  test('a hostile display name is text', async () => {
    github.user = { id: 8, login: 'hostile', name: '<script>alert(1)</script>' };
    const page = await pressProvider(base, 'github');
    assert.ok(!page.html.includes('<script>alert('));
  });

  for (const [what, more] of [['a text', { id: '583231' }], ['missing', { id: undefined }], ['null', { id: null }], ['negative', { id: -1 }], ['a fraction', { id: 1.5 }]]) {
    test(`an account whose id is ${what} is not let in`, async () => {
      github.user = { ...OCTOCAT, more };
      assertErrorPage(await pressProvider(base, 'github'));
    });
  }
});

describe('GitHub says no or fails', limit, () => {
  test('the person says no on GitHub\'s page', async () => {
    github.refuses = true;
    const browser = new Browser();
    const page = await pressProvider(base, 'github', { browser });
    if (page.left) {
      assert.equal(page.left.searchParams.get('error'), 'access_denied');
    } else {
      assertErrorPage(page);
      assert.match(page.words, /GitHub/);
    }
    await assertLoggedOut(base, browser);
  });

  for (const [what, faults] of [
    ['the code is refused with HTTP 200 and an error body', { token: 'bad code' }],
    ['the token endpoint answers a web page', { token: 'html' }],
    ['the token endpoint answers half of a JSON', { token: 'broken json' }],
    ['the token endpoint answers another shape', { token: 'json of another shape' }],
    ['the token endpoint fails', { token: 'server error' }],
    ['the token endpoint redirects', { token: 'redirect' }],
    ['the token endpoint answers without end', { token: 'endless body' }],
    ['the user endpoint answers a web page', { user: 'html' }],
    ['the user endpoint answers another shape', { user: 'json of another shape' }],
    ['the user endpoint fails', { user: 'server error' }],
  ]) {
    // SEC-06: the endless body; SEC-08: the secret is not on the page.
    test(`${what}: a page says so, and nobody is logged in`, async () => {
      github.faults = faults;
      const browser = new Browser();
      const page = await pressProvider(base, 'github', { browser });
      assertErrorPage(page, { secrets: [CLIENT_SECRET] });
      assert.match(page.words, /GitHub/, 'the page names the provider');
      await assertLoggedOut(base, browser);
    });
  }

  test('GitHub is down: a page says so, and the next try works', async () => {
    const { browser, callback } = await reachCallback(base, 'github');
    await github.down();
    try {
      const page = await browser.open(callback, { stopAt: REDIRECT, ms: PATIENCE_MS });
      assertErrorPage(page);
      assert.match(page.words, /GitHub/);
    } finally {
      await github.up();
    }
    await logIn(base, { provider: 'github', browser });
  });

  test('SEC-06: GitHub hangs: a page says so within a person\'s patience', async () => {
    github.faults = { token: 'hanging' };
    const page = await pressProvider(base, 'github');
    assertErrorPage(page);
    assert.match(page.words, /GitHub/);
  });
});

describe('SEC-05: the state of a login', limit, () => {
  const callbackWith = (change) => {
    const url = new URL(`${base}/login/callback/github`);
    for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
    return url;
  };

  for (const [what, parameters] of [
    ['unknown', { code: 'abc', state: 'made-up' }],
    ['missing', { code: 'abc' }],
    ['empty', { code: 'abc', state: '' }],
    ['very long', { code: 'abc', state: 'x'.repeat(4_000) }],
    ['unknown, with a provider\'s error', { error: 'access_denied', error_description: '<script>alert(1)</script>', state: 'made-up' }],
  ]) {
    test(`a state that is ${what} is an error page`, async () => {
      assertErrorPage(await new Browser().open(callbackWith(parameters), { stopAt: REDIRECT }));
      assert.equal(github.seen.length, 0, 'the provider was asked for a token');
    });
  }

  test('a state that was used is an error page, and the code is not sent again', async () => {
    const { browser, callback } = await reachCallback(base, 'github');
    const first = await browser.open(callback, { stopAt: REDIRECT });
    assert.ok(first.forms.some(isConsentForm), first.words);
    const asked = github.seen.length;
    const again = await browser.open(callback, { stopAt: REDIRECT });
    // A person who goes back in their browser is logged in already; being sent on is as good as a page that says so.
    if (!again.forms.some(isConsentForm)) assertErrorPage(again);
    assert.equal(github.seen.length, asked);
    const stranger = new Browser();
    assertErrorPage(await stranger.open(callback, { stopAt: REDIRECT }));
    await assertLoggedOut(base, stranger);
  });

  test('a state of another browser logs nobody in, and does not burn the login of its owner', async () => {
    const { browser, callback } = await reachCallback(base, 'github');
    const stranger = new Browser();
    assertErrorPage(await stranger.open(callback, { stopAt: REDIRECT }));
    await assertLoggedOut(base, stranger);
    const owner = await browser.open(callback, { stopAt: REDIRECT });
    assert.ok(owner.forms.some(isConsentForm), `the owner's own login: ${owner.status} ${owner.words.slice(0, 300)}`);
  });

  test('a state of another browser that is in the middle of a login of its own', async () => {
    const [victim, attacker] = [await reachCallback(base, 'github'), await reachCallback(base, 'github')];
    assertErrorPage(await victim.browser.open(attacker.callback, { stopAt: REDIRECT }));
    await assertLoggedOut(base, victim.browser);
  });

  test('a login that began with one provider does not end at another\'s callback', async () => {
    const { browser, callback } = await reachCallback(base, 'github');
    for (const path of ['/login/callback/dev', '/login/callback/google', '/login/callback/no-such']) {
      const elsewhere = new URL(callback);
      elsewhere.pathname = path;
      assertErrorPage(await browser.open(elsewhere, { stopAt: REDIRECT }));
    }
  });

  test('a callback without a code is an error page', async () => {
    const { browser, callback } = await reachCallback(base, 'github');
    callback.searchParams.delete('code');
    assertErrorPage(await browser.open(callback, { stopAt: REDIRECT }));
  });

  test('a login is not started from another site, nor with a provider that does not exist', async () => {
    const form = (fields, headers = {}) => new Browser().open(`${base}/login/start`, {
      method: 'POST', body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, stopAt: 'http',
    });
    assertErrorPage(await form({ provider: 'github' }, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }));
    assertErrorPage(await form({ provider: 'no-such' }, { origin: base }));
    assertErrorPage(await form({}, { origin: base }));
  });
});
