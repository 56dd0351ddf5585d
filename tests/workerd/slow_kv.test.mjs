// Logins where KV shows every write a minute late (`portal/src/store/late.rs`, in the bundle of tests/faulty/portal): no step waits for what was just written.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decide, isConsentForm, isLoginForm, logIn, logInToCode, passLogin, someone } from '../support/login.mjs';
import { Session } from '../support/mcp.mjs';
import { authorizeUrl, claims, newClient, pkce, redeem, refresh, REDIRECT } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { startServer } from '../support/server.mjs';

let server;
let base;

before(async () => {
  server = await startServer({
    config: 'tests/faulty/front/wrangler.toml',
    vars: { KV_LATE_SECONDS: 60 },
  });
  base = server.url;
}, { timeout: 300_000 });

after(() => server?.stop());

/** The page that a browser gets that wants to authorize another client. */
async function anotherClient(browser) {
  const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge, state: 's' });
  return browser.open(url, { stopAt: REDIRECT });
}

describe('a KV that is a minute behind', { timeout: 60_000, concurrency: true }, () => {
  test('a person logs in, agrees, uses tools and refreshes', async () => {
    const account = await logIn(base);
    assert.equal(await (await Session.open(base, account.token)).call('echo', { text: 'hello' }), 'hello');
    assert.equal((await refresh(base, account)).status, 200);
  });

  test('the second client of the same browser needs no other login', async () => {
    const browser = new Browser();
    await logIn(base, { browser });
    const page = await anotherClient(browser);
    assert.ok(page.forms.some(isConsentForm), page.words);
    assert.ok((await decide(page)).left.searchParams.get('code'));
  });

  test('whoever takes another account is that one at once', async () => {
    const browser = new Browser();
    const [one, other] = [someone(), someone()];
    const first = await logIn(base, { browser, user: one });
    const page = await anotherClient(browser);
    const asked = await page.submit(page.form('switching', ({ action }) => action.pathname === '/login/switch'), {});
    assert.ok(asked.forms.some(isLoginForm('dev')), asked.words);
    const granted = await logInToCode(base, { browser, user: other });
    const second = await (await redeem(base, granted)).json();
    assert.notEqual(claims(second.access_token).sub, claims(first.token).sub);
  });

  test('a cookie of before the switch is worth nothing, although KV still has its record', async () => {
    const browser = new Browser();
    await logIn(base, { browser });
    const stolen = browser.clone();
    const page = await anotherClient(browser);
    await page.submit(page.form('switching', ({ action }) => action.pathname === '/login/switch'), {});
    assert.ok((await anotherClient(stolen)).forms.some(isLoginForm('dev')), 'the old cookie is good');
  });

  test('a login of another browser is untouched', async () => {
    const user = someone();
    const [here, there] = [new Browser(), new Browser()];
    await logIn(base, { browser: here, user });
    await logIn(base, { browser: there, user });
    const page = await anotherClient(here);
    await page.submit(page.form('switching', ({ action }) => action.pathname === '/login/switch'), {});
    const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge, state: 's' });
    const still = await passLogin(there, url, { user: 'nobody-types-this' });
    assert.ok(still.left || still.forms.some(isConsentForm));
  });
});
