// Clients whose id is the URL of a Client ID Metadata Document: a whole login, documents that are refused, how
// often they are fetched; and clients that prove themselves with keys.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startDocuments } from '../counterparts/documents.mjs';
import { FAULTS, json } from '../counterparts/loopback.mjs';
import { newKey, proof as proofTo } from '../support/assertion.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
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
    test(`AS-15, SEC-06, Q11: answered with ${status}, wherever that leads`, async () => {
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

/** The fields by which a client proves itself to the server of this file. */
const proof = (...how) => proofTo(base, ...how);

/** Publishes a client with keys. */
const publishWith = (keys) => documents.publish({ token_endpoint_auth_method: 'private_key_jwt', ...keys });

const refusedAs = async (answer, word, status = 401) => {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(JSON.parse(text).error, word, text);
};

describe('a client that proves itself with its key (private_key_jwt)', limit, () => {
  const key = newKey('one');
  const jwks = { keys: [key.jwk] };

  test('it is announced, and codes and refresh tokens are good with an assertion, whether or not the client is named beside it', async () => {
    const { server } = await discover(base);
    assert.deepEqual(server.token_endpoint_auth_methods_supported, ['none', 'private_key_jwt']);
    assert.ok(server.token_endpoint_auth_signing_alg_values_supported.every((alg) => !/^(none|HS)/.test(alg)));
    assert.ok(server.token_endpoint_auth_signing_alg_values_supported.includes('ES256'));
    const clientId = publishWith({ jwks });
    const granted = await logInToCode(base, { clientId });
    const first = await redeem(base, { ...granted, clientId: undefined, ...proof(clientId, key) });
    assert.equal(first.status, 200, await first.text());
    const { refresh_token: refreshToken } = await first.json();
    const second = await refresh(base, { clientId, refreshToken, ...proof(clientId, key, { claims: { aud: `${base}/token` } }) });
    assert.equal(second.status, 200, await second.text());
  });

  test('without a good assertion there are no tokens, and nothing is lost', async () => {
    const clientId = publishWith({ jwks });
    const granted = await logInToCode(base, { clientId });
    const now = Math.floor(Date.now() / 1_000);
    await refusedAs(await redeem(base, granted), 'invalid_client');
    for (const wrong of [
      proof(clientId, newKey('one')),
      proof(clientId, newKey('unknown')),
      proof(clientId, key, { claims: { aud: 'https://evil.example' } }),
      proof(clientId, key, { claims: { aud: [base, 'https://evil.example'] } }),
      proof(clientId, key, { claims: { iss: 'https://evil.example/client.json' } }),
      proof(clientId, key, { claims: { exp: now - 3_600 } }),
      proof(clientId, key, { claims: { exp: now + 24 * 3_600 } }),
      proof(clientId, key, { claims: { jti: undefined } }),
      proof(clientId, key, { header: { typ: 'at+jwt' } }),
      proof(clientId, key, { header: { alg: 'none' } }),
      proof(clientId, key, { header: { alg: 'HS256' } }),
      { ...proof(clientId, key), client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
      { client_secret: 'hush' },
    ]) await refusedAs(await redeem(base, { ...granted, ...wrong }), 'invalid_client');
    const other = publishWith({ jwks: { keys: [newKey('one').jwk] } });
    await refusedAs(await redeem(base, { ...granted, clientId: other, ...proof(clientId, key) }), 'invalid_client');
    const answer = await redeem(base, { ...granted, ...proof(clientId, key) });
    assert.equal(answer.status, 200, await answer.text());
    const { refresh_token: refreshToken } = await answer.json();
    await refusedAs(await refresh(base, { clientId, refreshToken }), 'invalid_client');
    assert.equal((await refresh(base, { clientId, refreshToken, ...proof(clientId, key) })).status, 200);
  });

  test('an assertion is good once, for whichever account, and of ten at once one is', async () => {
    const clientId = publishWith({ jwks });
    const [one, two] = await Promise.all([logInToCode(base, { clientId }), logInToCode(base, { clientId })]);
    const shown = proof(clientId, key);
    const answer = await redeem(base, { ...one, ...shown });
    assert.equal(answer.status, 200, await answer.text());
    const { refresh_token: refreshToken } = await answer.json();
    await refusedAs(await redeem(base, { ...two, ...shown }), 'invalid_client');
    await refusedAs(await refresh(base, { clientId, refreshToken, ...shown }), 'invalid_client');
    const again = proof(clientId, key);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(base, { clientId, refreshToken, ...again })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(401)]);
  });

  test('RFC 7009: only who can sign revokes its tokens', async () => {
    const clientId = publishWith({ jwks });
    const answer = await redeem(base, { ...(await logInToCode(base, { clientId })), ...proof(clientId, key) });
    const { refresh_token: refreshToken } = await answer.json();
    const revoke = (more) => exchange(`${base}/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: refreshToken, client_id: clientId, ...more }).toString(),
    });
    await refusedAs(await revoke({}), 'invalid_client');
    await refusedAs(await revoke(proof(clientId, newKey('one'))), 'invalid_client');
    const next = await refresh(base, { clientId, refreshToken, ...proof(clientId, key) });
    assert.equal(next.status, 200, await next.text());
    const shown = proof(clientId, key);
    assert.equal((await revoke(shown)).status, 200);
    await refusedAs(await revoke(shown), 'invalid_client');
    const gone = await refresh(base, { clientId, refreshToken: (await next.json()).refresh_token, ...proof(clientId, key) });
    await refusedAs(gone, 'invalid_grant', 400);
  });

  test('keys at a jwks_uri are kept, and a key that is taken anew is found in a document that may be kept no longer', async () => {
    const [old, next] = [newKey('old'), newKey('next')];
    let reads = 0;
    const set = { keys: [old.jwk] };
    const uri = documents.answer((response) => {
      reads += 1;
      json(response, 200, set, { 'cache-control': 'no-store' });
    });
    const clientId = publishWith({ jwks_uri: uri });
    const granted = await logInToCode(base, { clientId });
    assert.equal(reads, 0, 'keys are read when they are needed');
    const answer = await redeem(base, { ...granted, ...proof(clientId, old) });
    assert.equal(answer.status, 200, await answer.text());
    const { refresh_token: refreshToken } = await answer.json();
    set.keys = [next.jwk];
    const rotated = await refresh(base, { clientId, refreshToken, ...proof(clientId, next) });
    assert.equal(rotated.status, 200, await rotated.text());
    const kept = reads;
    const good = documents.answer((response) => {
      reads += 1;
      json(response, 200, { keys: [old.jwk] });
    });
    const other = publishWith({ jwks_uri: good });
    const at = await logInToCode(base, { clientId: other });
    await refusedAs(await redeem(base, { ...at, ...proof(other, next) }), 'invalid_client');
    assert.equal((await redeem(base, { ...at, ...proof(other, old) })).status, 200);
    assert.equal(reads, kept + 1, 'an unknown key makes us ask again, and at most once a minute');
  });

  test('SEC-06: while the keys cannot be read a client is told to try again, and its grant stays', async () => {
    const set = documents.answer(FAULTS.redirect);
    const clientId = publishWith({ jwks_uri: set });
    const granted = await logInToCode(base, { clientId });
    for (const fault of ['redirect', 'server error']) {
      documents.answer(FAULTS[fault], { at: set });
      const answer = await redeem(base, { ...granted, ...proof(clientId, key) });
      await refusedAs(answer, 'temporarily_unavailable', 503);
      assert.ok(Number(answer.header('retry-after')) > 0);
    }
    documents.answer(FAULTS['json of another shape'], { at: set });
    await refusedAs(await redeem(base, { ...granted, ...proof(clientId, key) }), 'invalid_client');
    documents.answer((response) => json(response, 200, jwks), { at: set });
    assert.equal((await redeem(base, { ...granted, ...proof(clientId, key) })).status, 200);
  });

  test('a grant of a client with keys stays one when its document says something else', async () => {
    const clientId = documents.publish({ token_endpoint_auth_method: 'private_key_jwt', jwks }, { headers: { 'cache-control': 'no-store' } });
    const granted = await logInToCode(base, { clientId });
    documents.publish({}, { at: clientId });
    await refusedAs(await redeem(base, granted), 'invalid_client');
  });

  test('AS-15: a document with a private key, or without keys where it needs some, is refused', async () => {
    const secret = { ...key.privateKey.export({ format: 'jwk' }), kid: 'one' };
    for (const keys of [{ jwks: { keys: [secret] } }, {}, { jwks: { keys: [] } }, { jwks, jwks_uri: documents.url }, { jwks_uri: 'http://192.168.0.1/set' }]) {
      assertErrorPage(await ask(publishWith(keys)), { secrets: [secret.d] });
    }
  });
});
