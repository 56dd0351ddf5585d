// Requests that a client pushes before its browser comes (RFC 9126).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Key } from '../support/dpop.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { someone, walk } from '../support/login.mjs';
import { claims, discover, newClient, pkce, post, redeem, REDIRECT, refused, token } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';
import { assertErrorPage } from '../support/provider_pages.mjs';

const limit = { timeout: 60_000, concurrency: true };

const { base } = await serve();

/** Pushes a request; the raw answer. */
const push = (fields, headers) => post(base, '/par', {
  response_type: 'code', redirect_uri: REDIRECT, code_challenge: pkce().challenge, code_challenge_method: 'S256', resource: `${base}/mcp`, ...fields,
}, headers);

async function pushed(fields, headers) {
  const answer = await push(fields, headers);
  const body = await answer.json();
  assert.equal(answer.status, 201, JSON.stringify(body));
  return body.request_uri;
}

/** Where a browser is sent with a reference. */
function reference(clientId, requestUri, more = {}) {
  const url = new URL(`${base}/authorize`);
  for (const [name, value] of Object.entries({ client_id: clientId, request_uri: requestUri, ...more })) url.searchParams.set(name, value);
  return url;
}

describe('a pushed request', limit, () => {
  test('is announced, and not required', async () => {
    const { server } = await discover(base);
    assert.equal(server.pushed_authorization_request_endpoint, `${base}/par`);
    assert.equal(server.require_pushed_authorization_requests, false);
  });

  test('leads through a whole login; a reload of the page asks again, and what else the URL says does not count', async () => {
    const [clientId, { verifier, challenge }] = [await newClient(base), pkce()];
    const answer = await push({ client_id: clientId, code_challenge: challenge, state: 'its own' });
    const { request_uri: uri, expires_in: life } = await answer.json();
    assert.equal(answer.header('cache-control'), 'no-store');
    assert.ok(life > 0 && life <= 90);
    const url = reference(clientId, uri, { redirect_uri: 'https://evil.example/', state: 'another' });
    const browser = new Browser();
    for (let times = 0; times < 2; times += 1) assert.equal((await browser.open(url)).status, 200);
    const left = await walk(browser, url, { user: someone() });
    assert.equal(`${left.origin}${left.pathname}`, REDIRECT);
    assert.equal(left.searchParams.get('state'), 'its own');
    const tokens = await redeem(base, { clientId, code: left.searchParams.get('code'), verifier });
    assert.equal(tokens.status, 200, await tokens.text());
  });

  test('is good for the client that pushed it alone', async () => {
    const [clientId, other] = await Promise.all([newClient(base), newClient(base)]);
    const uri = await pushed({ client_id: clientId });
    for (const url of [reference(other, uri), reference(clientId, `${uri}x`), reference(clientId, 'urn:ietf:params:oauth:request_uri:made-up')]) {
      assertErrorPage(await new Browser().open(url, { stopAt: 'http://127.0.0.1:33418' }));
    }
  });

  for (const [what, fields, word, status] of [
    ['another redirect URI', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['without PKCE', { code_challenge: undefined }, 'invalid_request'],
    ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another resource', { resource: 'https://evil.example/' }, 'invalid_target'],
    ['an unknown scope', { scope: 'no:such' }, 'invalid_scope'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a reference', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
    ['an unknown client', { client_id: 'made-up' }, 'invalid_client', 401],
    ['a secret', { client_secret: 'hush' }, 'invalid_client', 401],
    ['without a client', { client_id: undefined }, 'invalid_request'],
    ['too long', { more: 'x'.repeat(7_000) }, 'invalid_request', 413],
  ]) {
    test(`is refused where it is pushed: ${what}`, async () => {
      await refused(await push({ client_id: await newClient(base), ...fields }), word, status);
    });
  }

  test('other verbs are refused, and pages may push', async () => {
    const answer = await exchange(`${base}/par`);
    assert.equal(answer.status, 405);
    const asked = await exchange(`${base}/par`, { method: 'OPTIONS', headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' } });
    assert.equal(asked.header('access-control-allow-origin'), '*');
  });

  test('RFC 9449 section 10.1: a proof beside it binds the code', async () => {
    const [key, clientId, { verifier, challenge }] = [new Key(), await newClient(base), pkce()];
    const fields = { client_id: clientId, code_challenge: challenge };
    const proof = () => ({ dpop: key.proof('POST', `${base}/par`) });
    await refused(await push({ ...fields, dpop_jkt: new Key().thumbprint }, proof()), 'invalid_request');
    await refused(await push(fields, { dpop: key.proof('POST', `${base}/token`) }), 'invalid_dpop_proof');
    const left = await walk(new Browser(), reference(clientId, await pushed(fields, proof())), { user: someone() });
    const code = left.searchParams.get('code');
    await refused(await redeem(base, { clientId, code, verifier }), 'invalid_grant');
    const answer = await token(base, { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier }, { dpop: key.proof('POST', `${base}/token`) });
    assert.equal(answer.status, 200, await answer.text());
    assert.deepEqual(claims((await answer.json()).access_token).cnf, { jkt: key.thumbprint });
  });
});
