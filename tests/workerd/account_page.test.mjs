// The account page: what it lists, what its buttons end, and what nobody can do with it.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accountForm, asksWho, buttons, openAccount, press, says } from '../support/account_page.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { decide, isConsentForm, logIn, someone } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { authorizeUrl, newClient, pkce, refresh } from '../support/oauth.mjs';

/** Most browsers that one user is logged in with: `durable::account::LOGINS_MAX`. */
const LOGINS_MAX = 20;

const limit = { timeout: 60_000 };

const { base } = await serve();

/** A user with an app, a session of it, and a browser that is logged in. */
async function settled(user = someone(), options = {}) {
  const account = await logIn(base, { user, ...options });
  const session = await Session.open(base, account.token);
  const page = await openAccount(base, { browser: account.browser });
  return { user, account, session, page, browser: account.browser };
}

/** The app and its session work as before. */
async function works({ account, session }) {
  assert.match(await session.call('count'), /^\d+$/);
  assert.equal((await modern(base, account.token, 'tools/list')).status, 200);
}

async function refused({ account }) {
  assert.equal((await modern(base, account.token, 'tools/list')).status, 401);
  const next = await refresh(base, account);
  assert.equal(next.status, 400);
  assert.equal((await next.json()).error, 'invalid_grant');
}

describe('the page', { ...limit, concurrency: true }, () => {
  test('names the person, their apps, sessions and browsers', async () => {
    const clientId = await newClient(base, { client_name: 'Notebook', redirect_uris: ['http://127.0.0.1:33418/callback'] });
    const { user, page } = await settled(someone(), { clientId });
    says(page, new RegExp(`${user} signed in with`));
    assert.match(page.words, /Connected apps .*Notebook 127\.0\.0\.1:33418 Allowed just now · last used just now/);
    assert.match(page.words, /Open sessions .*Notebook Opened just now · active within the last 6 hours/);
    assert.match(page.words, /Another browser this one/);
    assert.match(page.html, /<time datetime="\d{4}-\d\d-\d\dT[\d:]+Z">just now<\/time>/);
    assert.deepEqual([buttons(page, 'revoke').length, buttons(page, 'end').length], [1, 1]);
    assert.deepEqual(buttons(page, 'sign-out').filter((value) => value.length < 10), ['this', 'all']);
  });

  test('has friendly words for who has nothing', async () => {
    const page = await openAccount(base, { user: someone() });
    says(page, /No app is connected\..*No session is open\./);
  });

  test('asks who is there, and leads back', async () => {
    const page = await openAccount(base);
    assert.ok(asksWho(page), page.words);
    const user = someone();
    const back = await openAccount(base, { user });
    assert.equal(back.url.pathname, '/account');
    says(back, new RegExp(user));
  });

  test('asks again who typed no name', async () => {
    const page = await openAccount(base, { user: ' ' });
    assert.equal(page.status, 400);
    assert.match(page.words, /Type a name/);
  });

  test('SEC-03: cannot be framed, kept or scripted, and tells no address', async () => {
    const { answer } = await openAccount(base, { user: someone() });
    assert.match(answer.header('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(answer.header('x-frame-options'), 'DENY');
    assert.equal(answer.header('cache-control'), 'no-store');
    assert.equal(answer.header('referrer-policy'), 'no-referrer');
  });

  test('escapes and bounds what apps and people call themselves', async () => {
    const clientId = await newClient(base, { client_name: `\u202e</bdi></button><script>alert(1)</script>${'x'.repeat(120)}` });
    const { page } = await settled(`<b>${someone()}`, { clientId });
    assert.doesNotMatch(page.html, /<script|<b>user|\u202e|x{60}/);
    assert.match(page.words, /<\/bdi><\/button><script>alert/);
    assert.equal(page.forms.length, 1);
  });

  test('another verb is no page', async () => {
    const answer = await exchange(`${base}/account`, { method: 'DELETE' });
    assert.equal(answer.status, 404);
  });

  test('the start page leads to it', async () => {
    assert.match(await (await exchange(base)).text(), /href="\/account"/);
  });
});

describe('revoking', { ...limit, concurrency: true }, () => {
  test("ends the app's access and its sessions at once, and nobody else's", async () => {
    const mine = await settled();
    const other = await settled(mine.user, { browser: mine.browser });
    const stranger = await settled();
    const page = await openAccount(base, { browser: mine.browser });
    const grants = buttons(page, 'revoke');
    assert.equal(grants.length, 2);
    const [older] = buttons(mine.page, 'revoke');
    const after = await press(page, 'revoke', older);
    says(after, /The app has no access any more/);
    assert.deepEqual(buttons(after, 'revoke'), grants.filter((grant) => grant !== older));
    assert.equal(buttons(after, 'end').length, 1);
    await refused(mine);
    assert.equal((await new Session(base, other.account.token, mine.session.id, mine.session.initialized).request('tools/list')).status, 404);
    await works(other);
    await works(stranger);
    says(await press(page, 'revoke', older), /The app has no access any more/);
    await works(other);
  });
});

describe('ending a session', { ...limit, concurrency: true }, () => {
  test('ends that one, and the app keeps its access', async () => {
    const mine = await settled();
    const second = await Session.open(base, mine.account.token);
    const page = await openAccount(base, { browser: mine.browser });
    const name = mine.session.id.split('.')[0];
    assert.ok(buttons(page, 'end').includes(name), 'without the part that clients show');
    says(await press(page, 'end', name), /The session has ended/);
    assert.equal((await mine.session.request('tools/list')).status, 404);
    assert.match(await second.call('count'), /^\d+$/);
    says(await press(page, 'end', name), /The session has ended/);
    assert.equal((await modern(base, mine.account.token, 'tools/list')).status, 200);
  });
});

describe('signing out', { ...limit, concurrency: true }, () => {
  /** Three browsers of one user. */
  async function three() {
    const user = someone();
    const pages = [await openAccount(base, { user }), await openAccount(base, { user }), await openAccount(base, { user })];
    return pages.map(({ browser }) => browser);
  }
  const isIn = async (browser) => !asksWho(await openAccount(base, { browser }));
  const page = (browser) => openAccount(base, { browser });

  /** Its key, as the page of that browser has it. */
  const keyOf = async (browser) => {
    const found = /value="([^"]{20,})">Sign out<span class="unseen"> this browser/.exec((await page(browser)).html);
    return found[1];
  };

  test('this browser', async () => {
    const [one, two, three_] = await three();
    const stolen = one.clone();
    const gone = await press(await page(one), 'sign-out', 'this');
    assert.ok(asksWho(gone));
    assert.match(gone.words, /You are signed out\./);
    assert.ok(!one.cookieNames(base).some((name) => /^sessile-\d+$/.test(name)));
    // The copy still has the cookie, and in it a sealed record that is fresh.
    assert.deepEqual([await isIn(stolen), await isIn(two), await isIn(three_)], [false, true, true]);
  });

  test('one of the others', async () => {
    const [one, two, three_] = await three();
    const key = await keyOf(two);
    says(await press(await page(one), 'sign-out', key), /That browser is signed out/);
    says(await press(await page(one), 'sign-out', key), /That browser is signed out/);
    assert.deepEqual([await isIn(one), await isIn(two), await isIn(three_)], [true, false, true]);
  });

  test('this browser, by its own row', async () => {
    const [one, two] = await three();
    assert.ok(asksWho(await press(await page(one), 'sign-out', await keyOf(one))));
    assert.deepEqual([await isIn(one), await isIn(two)], [false, true]);
  });

  test('all others', async () => {
    const [one, two, three_] = await three();
    says(await press(await page(one), 'sign-out', 'others'), /signed out everywhere else/);
    assert.deepEqual([await isIn(one), await isIn(two), await isIn(three_)], [true, false, false]);
  });

  test('everywhere', async () => {
    const [one, two, three_] = await three();
    assert.match((await press(await page(one), 'sign-out', 'all')).words, /You are signed out everywhere\./);
    assert.deepEqual([await isIn(one), await isIn(two), await isIn(three_)], [false, false, false]);
  });

  test('leaves the apps as they are', async () => {
    const mine = await settled();
    await press(mine.page, 'sign-out', 'all');
    await works(mine);
  });

  test('is known on the consent page at once, also when that is open already', async () => {
    const user = someone();
    const { browser } = await openAccount(base, { user });
    const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge });
    const stolen = browser.clone();
    const consent = await stolen.open(url);
    assert.ok(consent.forms.some(isConsentForm));
    await press(await page(browser), 'sign-out', 'all');
    const asked = await decide(consent);
    assert.ok(!asked.left && asksWho(asked), 'no code is issued');
    assert.ok(asksWho(await stolen.open(url)));
  });

  test('using another account ends the session as well', async () => {
    const { browser } = await openAccount(base, { user: someone() });
    const consent = await browser.open(authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge }));
    const stolen = browser.clone();
    await consent.submit(consent.form('switching', ({ action }) => action.pathname === '/login/switch'));
    assert.ok(asksWho(await page(stolen)));
  });

  test('logging in anew ends the session that the browser had', async () => {
    const user = someone();
    const login = await openAccount(base);
    const form = login.form('logging in', ({ typed }) => typed.includes('name'));
    const { browser } = await login.submit(form, { typed: { name: user } });
    const stolen = browser.clone();
    assert.ok(await isIn(stolen));
    says(await login.submit(form, { typed: { name: user } }), new RegExp(user));
    assert.deepEqual([await isIn(browser), await isIn(stolen)], [true, false]);
  });

  // Nobody takes the record of such a one out of KV.
  test(`beyond ${LOGINS_MAX} browsers the one that was not used for longest is out, although KV has its record`, async () => {
    const user = someone();
    const { browser } = await openAccount(base, { user });
    assert.ok(await isIn(browser));
    // Within a second, any of them could be the oldest.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    let last;
    for (let more = 0; more < LOGINS_MAX; more += 1) last = await openAccount(base, { user });
    assert.ok(!(await isIn(browser)));
    assert.equal(buttons(last, 'sign-out').filter((value) => value.length > 10).length, LOGINS_MAX);
  });
});

describe('what changes nothing', { ...limit, concurrency: true }, () => {
  const fieldsOf = (page) => Object.fromEntries(accountForm(page).fields);

  for (const [what, spoil, status] of [
    ['no CSRF token', ({ csrf, ...rest }) => rest, 403],
    ['a CSRF token that was altered', ({ csrf, ...rest }) => ({ ...rest, csrf: `${csrf.slice(0, -2)}AA` }), 403],
    ['no sealed request', ({ request, ...rest }) => rest, 400],
    ['nothing', () => ({}), 400],
  ]) {
    test(`SEC-03: a form with ${what}`, async () => {
      const mine = await settled();
      for (const [name, value] of [['revoke', buttons(mine.page, 'revoke')[0]], ['end', buttons(mine.page, 'end')[0]], ['sign-out', 'all']]) {
        const form = { ...accountForm(mine.page), fields: Object.entries(spoil(fieldsOf(mine.page))) };
        const answer = await mine.page.submit(form, { button: { name, value } });
        assert.equal(answer.status, status, answer.words);
        assert.match(answer.words, /Nothing was changed .*Back to your account/);
      }
      await works(mine);
      says(await openAccount(base, { browser: mine.browser }), /Your account/);
    });
  }

  test('SEC-03: a form of another browser, of another user, or of another page', async () => {
    const [mine, stranger] = [await settled(), await settled()];
    const elsewhere = await openAccount(base, { user: mine.user });
    const login = await openAccount(base);
    for (const page of [stranger.page, elsewhere]) {
      const form = accountForm(page);
      const answer = await mine.page.submit(form, { button: { name: 'sign-out', value: 'all' } });
      assert.equal(answer.status, 403, answer.words);
    }
    const fields = login.forms[0].fields.filter(([name]) => name !== 'provider');
    const foreign = await mine.page.submit({ ...accountForm(mine.page), fields }, { button: { name: 'sign-out', value: 'all' } });
    assert.equal(foreign.status, 403);
    await works(mine);
    says(await openAccount(base, { browser: mine.browser }), /Your account/);
  });

  for (const [what, headers] of [
    ['another origin', { origin: 'https://evil.example' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling of our site', { 'sec-fetch-site': 'same-site' }],
  ]) {
    test(`SEC-03: a form that ${what} sends`, async () => {
      const mine = await settled();
      const body = new URLSearchParams([...accountForm(mine.page).fields, ['sign-out', 'all']]).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await mine.browser.open(`${base}/account`, { method: 'POST', body, headers: { ...type, ...headers } });
      assert.equal(answer.status, 403);
      says(await openAccount(base, { browser: mine.browser }), /Your account/);
    });
  }

  test('SEC-01: names of what another user holds', async () => {
    const [mine, victim] = [await settled(), await settled()];
    const key = buttons(victim.page, 'sign-out').find((value) => value.length > 10);
    for (const [name, value] of [['revoke', buttons(victim.page, 'revoke')[0]], ['end', buttons(victim.page, 'end')[0]], ['sign-out', key]]) {
      await press(mine.page, name, value);
    }
    await works(victim);
    assert.equal((await refresh(base, victim.account)).status, 200);
    says(await openAccount(base, { browser: victim.browser }), /Your account/);
    await works(mine);
  });

  test('no button, two buttons, and names that nobody has', async () => {
    const mine = await settled();
    const two = { ...accountForm(mine.page), fields: [...accountForm(mine.page).fields, ['end', 'x']] };
    for (const answer of [
      await mine.page.submit(accountForm(mine.page)),
      await mine.page.submit(two, { button: { name: 'revoke', value: 'x' } }),
      await press(mine.page, 'end', 'x'.repeat(65)),
    ]) assert.equal(answer.status, 400);
    for (const name of ['revoke', 'end', 'sign-out']) {
      for (const value of ["'; DROP TABLE grants; --", '../..', '%00', 'ä']) says(await press(mine.page, name, value), /Your account/);
    }
    await works(mine);
  });

  test('a form that is sent twice at once, or after the session has ended', async () => {
    const mine = await settled();
    const twice = await Promise.all([press(mine.page, 'sign-out', 'this'), press(mine.page, 'sign-out', 'this')]);
    for (const answer of twice) assert.ok(asksWho(answer), answer.words);
    assert.ok(asksWho(await press(mine.page, 'revoke', buttons(mine.page, 'revoke')[0])));
    await works(mine);
  });

  test('a notice that is not ours is not said', async () => {
    const { browser } = await openAccount(base, { user: someone() });
    const page = await browser.open(`${base}/account?done=You+have+won`);
    says(page, /Your account/);
    assert.doesNotMatch(page.words, /won/);
  });
});
