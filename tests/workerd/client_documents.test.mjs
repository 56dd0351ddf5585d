// Clients whose id is the URL of a Client ID Metadata Document: a whole login, documents that are refused, how
// often they are fetched.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startDocuments } from '../counterparts/documents.mjs';
import { FAULTS, json } from '../counterparts/loopback.mjs';
import { serve } from '../support/fixture.mjs';
import { logIn, logInToCode, passLogin, someone } from '../support/login.mjs';
import { Session } from '../support/mcp.mjs';
import { authorizeUrl, claims, discover, pkce, redeem, REDIRECT, refresh } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { assertErrorPage } from '../support/provider_pages.mjs';

const limit = { timeout: 60_000 };

/** Longest a person waits for a page, in milliseconds: a document may take 5 s, and one before it as long. */
const PATIENCE_MS = 15_000;

const { base } = await serve({ vars: { LOOPBACK_CLIENT_DOCUMENTS: 'on', QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });
const documents = await startDocuments();
after(() => documents.stop());

/** The first page of an authorization. */
const ask = (clientId, { browser = new Browser(), ...parameters } = {}) =>
  browser.open(authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge, ...parameters }), { stopAt: 'http', ms: PATIENCE_MS });

describe('a client with a document', limit, () => {
  test('AS-13: it is announced, and a whole login leads to a session; nothing of ours is sent to its host', async () => {
    const { server } = await discover(base);
    assert.equal(server.client_id_metadata_document_supported, true);
    const clientId = documents.publish();
    const account = await logIn(base, { clientId });
    assert.equal(claims(account.token).client_id, clientId);
    const session = await Session.open(base, account.token);
    assert.equal(await session.call('count'), '1');
    const [fields] = documents.reads(clientId);
    assert.equal(fields.accept, 'application/json');
    for (const name of ['cookie', 'authorization', 'referer', 'origin']) assert.equal(fields[name], undefined, name);
  });

  test('codes and refresh tokens are good although the document cannot be fetched any more', async () => {
    const clientId = documents.publish({}, { headers: { 'cache-control': 'no-store' } });
    const granted = await logInToCode(base, { clientId });
    documents.answer(FAULTS['server error'], { at: clientId });
    const reads = documents.reads(clientId).length;
    const first = await (await redeem(base, granted)).json();
    const second = await refresh(base, { clientId, refreshToken: first.refresh_token });
    assert.equal(second.status, 200, await second.text());
    assert.equal(documents.reads(clientId).length, reads, 'the token endpoint reads no document of a public client');
    const other = await refresh(base, { clientId: documents.publish(), refreshToken: (await second.json()).refresh_token });
    assert.equal((await other.json()).error, 'invalid_grant', 'another document is another client');
  });

  test('AS-05: the redirect URI is one of the document; on loopback the port is free', async () => {
    const clientId = documents.publish();
    const free = await ask(clientId, { redirect_uri: REDIRECT.replace('33418', '40001') });
    assert.equal(free.status, 200, free.words);
    for (const redirect of ['https://evil.example/callback', 'https://client.example/callback/', `${REDIRECT}/more`, REDIRECT.replace('127.0.0.1', 'localhost')]) {
      assertErrorPage(await ask(clientId, { redirect_uri: redirect }));
    }
  });

  test('AS-18: consent shows the host of the document and of the redirect URI, and a name as text', async () => {
    const clientId = documents.publish({ client_name: '<img src=x onerror=alert(1)>', logo_uri: `${documents.url}/logo.png` });
    const url = authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge });
    const page = await passLogin(new Browser(), url, { user: someone() });
    assert.ok(page.words.includes(new URL(documents.url).host), page.words);
    assert.ok(page.words.includes(new URL(REDIRECT).host), page.words);
    assert.ok(page.words.includes('<img src=x onerror=alert(1)>'));
    assert.ok(!page.html.includes('<img') && !page.html.includes('logo.png'), 'AS-17: logos are neither shown nor fetched');
    assert.deepEqual(documents.reads(`${documents.url}/logo.png`), []);
    assert.doesNotMatch(page.words, /any program there could claim this name/);
    const local = authorizeUrl(base, { client_id: documents.publish({ redirect_uris: [REDIRECT] }), code_challenge: pkce().challenge });
    const warned = await passLogin(new Browser(), local, { user: someone() });
    assert.match(warned.words, /any program there could claim this name/);
  });

  test('a name that cannot be used at the development login is said on the page, with the client still on it', async () => {
    const clientId = documents.publish();
    const page = await passLogin(new Browser(), authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge }), { user: ' ' });
    assert.equal(page.status, 400);
    assert.ok(page.words.includes('Published client'), page.words);
  });
});

describe('a document that is refused: a page, and never a redirect', limit, () => {
  for (const [what, changes, headers] of [
    ['of another client', { client_id: 'https://client.example/client.json' }],
    ['without a client_id', { client_id: undefined }],
    ['without a name', { client_name: undefined }],
    ['without redirect URIs', { redirect_uris: undefined }],
    ['with redirect URIs that nobody may use', { redirect_uris: ['http://evil.example/', 'javascript:alert(1)'] }],
    ['with a secret', { client_secret: 'hush-hush' }],
    ['with a shared secret to authenticate by', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['that is HTML', {}, { 'content-type': 'text/html' }],
    ['that is larger than 5 kB', { padding: 'x'.repeat(5 * 1024) }],
  ]) {
    test(`AS-15, AS-17: ${what}`, async () => {
      const clientId = documents.publish(changes, { headers });
      assertErrorPage(await ask(clientId), { secrets: ['hush-hush'] });
      assert.equal(documents.reads(clientId).length, 1);
    });
  }

  for (const status of [201, 204, 301, 302, 303, 307, 308, 304, 401, 404, 500]) {
    test(`AS-15, SEC-06: answered with ${status}, wherever that leads`, async () => {
      const target = documents.publish();
      const clientId = documents.publish({}, { status, headers: { location: target } });
      assertErrorPage(await ask(clientId));
      assert.equal(documents.reads(target).length, 0, 'a redirect was followed');
    });
  }

  for (const what of ['html', 'broken json', 'json of another shape', 'endless body', 'hanging']) {
    test(`AS-15, AS-17, SEC-06: ${what}`, async () => {
      assertErrorPage(await ask(documents.answer(FAULTS[what])));
    });
  }

  test('AS-17, SEC-06: a body that comes a byte at a time ends with its time', async () => {
    let dripping;
    const clientId = documents.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      dripping = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(dripping));
    });
    const began = Date.now();
    assertErrorPage(await ask(clientId));
    assert.ok(Date.now() - began < PATIENCE_MS);
  });

  test('a host that nobody listens on, and what a document says, are not told', async () => {
    assertErrorPage(await ask('http://127.0.0.1:9/client.json'));
    const page = await ask(documents.answer((response) => json(response, 200, { client_id: 'the-inner-secret' })));
    assertErrorPage(page, { secrets: ['the-inner-secret'] });
  });
});

describe('how often a document is fetched', limit, () => {
  test('AS-16: once for a whole login and the next one; at each page if it must not be stored', async () => {
    for (const [headers, again] of [[{}, 0], [{ 'cache-control': 'max-age=600' }, 0], [{ 'cache-control': 'max-age=0' }, 0], [{ 'cache-control': 'no-store' }, 1]]) {
      const clientId = documents.publish({}, { headers });
      await ask(clientId);
      await ask(clientId);
      assert.equal(documents.reads(clientId).length, 1 + again, JSON.stringify(headers));
    }
  });

  test('AS-16: neither an error nor a wrong document is remembered', async () => {
    const clientId = documents.answer(FAULTS['server error']);
    assertErrorPage(await ask(clientId));
    documents.publish({ client_secret: 'x' }, { at: clientId, headers: { 'cache-control': 'max-age=600' } });
    assertErrorPage(await ask(clientId));
    documents.publish({}, { at: clientId });
    assert.equal((await ask(clientId)).status, 200);
    assert.equal(documents.reads(clientId).length, 3);
  });

  test('SEC-06: ten at once are one fetch', async () => {
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    const clientId = documents.publish();
    documents.answer(async (response) => {
      await released;
      json(response, 200, { client_id: clientId, client_name: 'Slow', redirect_uris: [REDIRECT] });
    }, { at: clientId });
    const pages = Array.from({ length: 10 }, () => ask(clientId));
    while (documents.reads(clientId).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    release();
    for (const page of await Promise.all(pages)) assert.equal(page.status, 200, page.words);
    assert.equal(documents.reads(clientId).length, 1);
  });
});
