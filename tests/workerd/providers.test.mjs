// An OpenID provider that says no, is down, answers garbage, or lies in its ID token: each a page, and nobody logged in.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { CLIENT_ID, LIES, startLiar } from '../counterparts/liar.mjs';
import { logIn } from '../support/login.mjs';
import { Session } from '../support/mcp.mjs';
import { REDIRECT } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { assertErrorPage, assertLoggedOut, PATIENCE_MS, pressProvider, reachCallback } from '../support/provider_pages.mjs';
import { startServer } from '../support/server.mjs';

const limit = { timeout: 90_000 };
const SECRET = 'acme-secret-for-tests';

let acme;
let dead;
let keyed;
let server;
let base;

before(async () => {
  [acme, dead, keyed] = await Promise.all(Array.from({ length: 3 }, () => startLiar({ secret: SECRET })));
  // This one is never reached: nobody has its discovery document cached.
  await dead.down();
  server = await startServer({
    vars: {
      PROVIDERS: JSON.stringify([
        { kind: 'dev' },
        { kind: 'oidc', id: 'acme', name: 'Acme ID', issuer: acme.url, client_id: CLIENT_ID },
        { kind: 'oidc', id: 'dead', name: 'Dead ID', issuer: dead.url, client_id: CLIENT_ID },
        { kind: 'oidc', id: 'keyed', name: 'Keyed ID', issuer: keyed.url, client_id: CLIENT_ID },
      ]),
      ACME_CLIENT_SECRET: SECRET,
      DEAD_CLIENT_SECRET: SECRET,
      KEYED_CLIENT_SECRET: SECRET,
    },
  });
  base = server.url;
}, { timeout: 300_000 });

afterEach(() => {
  if (acme) Object.assign(acme, { subject: 'acme-7', name: 'Ann Acme', lie: undefined, refuses: false, skew: 0, faults: {} });
});

after(async () => {
  await server?.stop();
  await Promise.all([acme?.stop(), keyed?.stop()]);
});

const whoami = async (account) => (await Session.open(base, account.token)).call('whoami');

describe('an honest provider', limit, () => {
  test('a person logs in and is known by provider and subject', async () => {
    const text = await whoami(await logIn(base, { provider: 'acme' }));
    assert.match(text, /acme/i);
    assert.ok(text.includes('acme-7'), text);
  });

  test('promise 8: the same subject at another provider is another user', async () => {
    acme.subject = 'shared-name';
    const there = await logIn(base, { provider: 'acme' });
    const here = await logIn(base, { provider: 'dev', user: 'shared-name' });
    const session = await Session.open(base, there.token);
    assert.equal((await new Session(base, here.token, session.id, session.initialized).request('ping')).status, 404);
  });

  test('keys are cached, and read again when a token names a new one', async () => {
    await logIn(base, { provider: 'acme' });
    const reads = acme.jwksReads;
    await logIn(base, { provider: 'acme' });
    assert.equal(acme.jwksReads, reads, 'a known key needs no reading');
    acme.current = 'second';
    await logIn(base, { provider: 'acme' });
    assert.ok(acme.jwksReads > reads);
  });

  for (const skew of [-60, 60]) {
    // Thirty seconds of life and a clock a minute behind: over, if nothing is forgiven.
    test(`its clock is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead'}: a person logs in all the same`, async () => {
      acme.skew = skew;
      assert.ok((await whoami(await logIn(base, { provider: 'acme' }))).includes('acme-7'));
    });
  }
});

describe('a provider that says no or fails', limit, () => {
  test('the person says no there', async () => {
    acme.refuses = true;
    const browser = new Browser();
    const page = await pressProvider(base, 'acme', { browser });
    if (page.left) assert.equal(page.left.searchParams.get('error'), 'access_denied');
    else assertErrorPage(page);
    await assertLoggedOut(base, browser);
  });

  test('it is down when the login starts: a page names it, and another provider still works', async () => {
    const browser = new Browser();
    const page = await pressProvider(base, 'dead', { browser });
    assertErrorPage(page);
    assert.match(page.words, /Dead ID/);
    await logIn(base, { browser });
  });

  test('it goes down in the middle of a login', async () => {
    const { browser, callback } = await reachCallback(base, 'acme');
    await acme.down();
    try {
      assertErrorPage(await browser.open(callback, { stopAt: REDIRECT, ms: PATIENCE_MS }));
    } finally {
      await acme.up();
    }
    await logIn(base, { provider: 'acme', browser });
  });

  for (const fault of ['html', 'broken json', 'json of another shape', 'server error', 'endless body', 'redirect', 'hanging']) {
    // SEC-06: size and time have a limit, and the page keeps the reason and the secret (SEC-08).
    test(`its token endpoint: ${fault}`, async () => {
      acme.faults = { token: fault };
      const browser = new Browser();
      const page = await pressProvider(base, 'acme', { browser });
      assertErrorPage(page, { secrets: [SECRET] });
      assert.match(page.words, /Acme ID/, 'the page names the provider');
      await assertLoggedOut(base, browser);
    });
  }
});

// A provider of its own: an unknown key makes us read the keys again, but not twice within a minute.
describe('a provider whose keys or discovery fail', limit, () => {
  test('its discovery document was read before: a login needs it no more while it is kept', async () => {
    await logIn(base, { provider: 'keyed' });
    keyed.faults = { discovery: 'server error' };
    await logIn(base, { provider: 'keyed' });
  });

  test('its keys cannot be read when a token names a new one: a page says so, and the next try works', async () => {
    keyed.current = 'second';
    keyed.faults = { jwks: 'server error' };
    const browser = new Browser();
    assertErrorPage(await pressProvider(base, 'keyed', { browser }), { secrets: [SECRET] });
    await assertLoggedOut(base, browser);
    keyed.faults = {};
    await logIn(base, { provider: 'keyed', browser });
  });
});

describe('a provider that lies', limit, () => {
  for (const [what, lie] of Object.entries(LIES)) {
    test(`${what}: nobody is logged in`, async () => {
      acme.lie = lie;
      const browser = new Browser();
      assertErrorPage(await pressProvider(base, 'acme', { browser }), { secrets: [SECRET] });
      await assertLoggedOut(base, browser);
    });
  }
});
