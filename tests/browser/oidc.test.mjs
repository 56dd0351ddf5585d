// A login in headless Chromium through a certified OpenID provider, as `oidc` and as `google`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { refuseThere, signInThere, startOpenId } from '../counterparts/openid.mjs';
import { LAPTOP, launchChromium, picture } from '../support/chromium.mjs';
import { allow, consentPage, continueWith } from '../support/journey.mjs';
import { Session } from '../support/mcp.mjs';
import { authorizeUrl, newClient, pkce, redeem, REDIRECT } from '../support/oauth.mjs';
import { freePort } from '../support/ports.mjs';
import { startServer } from '../support/server.mjs';

const PROVIDERS = [
  { id: 'acme', label: 'Acme ID', clientId: 'sessile-at-acme', secret: 'acme-secret-for-tests' },
  { id: 'google', label: 'Google', clientId: 'sessile-at-google', secret: 'google-secret-for-tests' },
];

let server;
let chromium;
const upstream = {};

before(async () => {
  const port = await freePort();
  for (const { id, clientId, secret } of PROVIDERS) {
    upstream[id] = await startOpenId({ clientId, secret, redirect: `http://127.0.0.1:${port}/login/callback/${id}` });
  }
  server = await startServer({
    port,
    vars: {
      PROVIDERS: JSON.stringify([
        { kind: 'dev' },
        { kind: 'oidc', id: 'acme', name: 'Acme ID', issuer: upstream.acme.issuer, client_id: 'sessile-at-acme' },
        { kind: 'google', client_id: 'sessile-at-google', issuer: upstream.google.issuer },
      ]),
      ACME_CLIENT_SECRET: 'acme-secret-for-tests',
      GOOGLE_CLIENT_SECRET: 'google-secret-for-tests',
    },
  });
  chromium = await launchChromium();
}, { timeout: 300_000 });

after(async () => {
  await chromium?.close();
  await server?.stop();
  for (const provider of Object.values(upstream)) await provider.stop();
});

/** Opens the authorization URL in a new profile; the client's own address is answered by the test. */
async function startLogin() {
  const base = server.url;
  const page = await chromium.newPage({ viewport: LAPTOP });
  page.setDefaultTimeout(15_000);
  const redirected = new Promise((resolve) => {
    page.route(`${REDIRECT}*`, (route) => {
      resolve(new URL(route.request().url()));
      return route.fulfill({ contentType: 'text/html', body: '<h1>back at the client</h1>' });
    });
  });
  const clientId = await newClient(base, { client_name: 'Browser client' });
  const { verifier, challenge } = pkce();
  await page.goto(authorizeUrl(base, { client_id: clientId, code_challenge: challenge, state: 'my state' }).href);
  return { base, page, redirected, clientId, verifier };
}

/** Runs a test's steps and keeps a picture when one fails. */
async function pictured(page, name, steps) {
  try {
    await steps();
  } catch (error) {
    await picture(page, `${name}-failed`);
    throw error;
  } finally {
    await page.context().close();
  }
}

describe('an OpenID provider', { timeout: 120_000 }, () => {
  for (const { id, label } of PROVIDERS) {
    test(`a person logs in with ${label}, and whoami knows provider and subject`, async () => {
      const { base, page, redirected, clientId, verifier } = await startLogin();
      await pictured(page, `oidc-${id}`, async () => {
        await picture(page, `login-providers-${id}`);
        await continueWith(page, label);
        await page.waitForURL(`${upstream[id].issuer}/**`);
        await signInThere(page, 'carol-7');
        await consentPage(page);
        const words = await page.locator('main').innerText();
        assert.ok(words.includes('Browser client'), words);
        assert.ok(words.includes('carol-7'), words);
        await allow(page);
        const redirect = await redirected;
        assert.equal(redirect.searchParams.get('state'), 'my state');
        const tokens = await (await redeem(base, { clientId, code: redirect.searchParams.get('code'), verifier })).json();
        const whoami = await (await Session.open(base, tokens.access_token)).call('whoami');
        assert.match(whoami, new RegExp(id, 'i'));
        assert.ok(whoami.includes('carol-7'), whoami);
      });
    });
  }

  test('the provider has new keys: the next login works all the same', async () => {
    upstream.acme.rotateKeys();
    const { page } = await startLogin();
    await pictured(page, 'oidc-rotated', async () => {
      await continueWith(page, 'Acme ID');
      await signInThere(page, 'dora-9');
      await consentPage(page);
      assert.ok((await page.locator('main').innerText()).includes('dora-9'));
    });
  });

  test('who is somebody else at the provider by now is somebody else here', async () => {
    const { page, base, redirected, clientId, verifier } = await startLogin();
    await pictured(page, 'oidc-switched', async () => {
      await continueWith(page, 'Acme ID');
      await signInThere(page, 'erin-3');
      await consentPage(page);
      await page.getByRole('button', { name: /another account/i }).click();
      // The provider remembers erin, and asks anew only who has left there.
      await page.context().clearCookies({ domain: '127.0.0.1', path: '/', name: /^_session/ });
      await continueWith(page, 'Acme ID');
      await signInThere(page, 'frank-4');
      await consentPage(page);
      const words = await page.locator('main').innerText();
      assert.ok(words.includes('frank-4') && !words.includes('erin-3'), words);
      await allow(page);
      const code = (await redirected).searchParams.get('code');
      const tokens = await (await redeem(base, { clientId, code, verifier })).json();
      const whoami = await (await Session.open(base, tokens.access_token)).call('whoami');
      assert.ok(whoami.includes('frank-4') && !whoami.includes('erin-3'), whoami);
    });
  });

  for (const path of ['/jwks', '/token']) {
    test(`the provider goes away before we ask it for ${path}: a page says so, and a later try works`, async () => {
      const { page } = await startLogin();
      await pictured(page, `oidc-gone${path.replace('/', '-')}`, async () => {
        if (path === '/jwks') upstream.google.rotateKeys();
        upstream.google.gone.add(path);
        await continueWith(page, 'Google');
        await signInThere(page, 'gina-5');
        await page.waitForURL(`${server.url}/**`);
        assert.match(await page.locator('main').innerText(), /Google/);
        assert.equal(await page.getByRole('button', { name: /^allow/i }).count(), 0, 'the page asks for consent');
        upstream.google.gone.clear();
      });
      const again = await startLogin();
      await pictured(again.page, `oidc-back${path.replace('/', '-')}`, async () => {
        await continueWith(again.page, 'Google');
        await signInThere(again.page, 'gina-5');
        await consentPage(again.page);
      });
    });
  }

  test('who says no there sees a page that says so, or is back at the client with access_denied', async () => {
    const { page, redirected } = await startLogin();
    await pictured(page, 'oidc-refused', async () => {
      await continueWith(page, 'Acme ID');
      await page.waitForURL(`${upstream.acme.issuer}/**`);
      await refuseThere(page);
      const outcome = await Promise.race([redirected, page.waitForURL(`${server.url}/**`).then(() => undefined)]);
      if (outcome) {
        assert.equal(outcome.searchParams.get('error'), 'access_denied');
      } else {
        const words = await page.locator('main').innerText();
        assert.match(words, /Acme ID/);
        await picture(page, 'login-refused');
      }
    });
  });
});
