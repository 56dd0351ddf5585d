// Tokens that are bound to a key of their client (RFC 9449): issued beside a proof, and worth nothing without one.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { Key } from '../support/dpop.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { sendTo } from '../support/http_sse.mjs';
import { logIn, logInToCode, someone, walk } from '../support/login.mjs';
import { Events, initializeBody, modern, send } from '../support/mcp.mjs';
import { authorizeUrl, claims, discover, introspect, newClient, pkce, redeem, refused, revoke, token } from '../support/oauth.mjs';
import { Browser } from '../support/pages.mjs';

const limit = { timeout: 60_000, concurrency: true };

const secret = randomBytes(32).toString('base64url');
const RESOURCE_SERVERS = JSON.stringify([{ id: 'files', secret_hash: createHash('sha256').update(secret).digest('base64url') }]);
const { base } = await serve({ vars: { RESOURCE_SERVERS, QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });

/** A proof for the token endpoint. */
const toToken = (key, changes) => ({ dpop: key.proof('POST', `${base}/token`, changes) });

/** The fields of `redeem` and `refresh`, sent with header fields. */
const redeemWith = (granted, headers) => token(base, {
  grant_type: 'authorization_code', client_id: granted.clientId, code: granted.code, code_verifier: granted.verifier,
}, headers);
const refreshWith = (account, headers) => token(base, {
  grant_type: 'refresh_token', client_id: account.clientId, refresh_token: account.refreshToken,
}, headers);

/** Logs in with a key; what `logIn` returns, and the key. */
async function bound(key = new Key(), options = {}) {
  const granted = await logInToCode(base, options);
  const answer = await redeemWith(granted, toToken(key));
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return { ...granted, key, token: body.access_token, refreshToken: body.refresh_token, body };
}

const list = (account, headers) => modern(base, undefined, 'tools/list', {}, { headers });
const good = (account, changes) => account.key.fields('POST', `${base}/mcp`, account.token, changes);

describe('a token that is asked for with a proof', limit, () => {
  test('is announced, by both servers; Bearer stays the first challenge', async () => {
    const { resource, server } = await discover(base);
    const oidc = await (await exchange(`${base}/.well-known/openid-configuration`)).json();
    for (const document of [resource, server, oidc]) {
      const algorithms = document.dpop_signing_alg_values_supported;
      assert.ok(algorithms.includes('ES256') && algorithms.every((alg) => !/^(none|HS)/.test(alg)));
    }
    assert.equal(resource.dpop_bound_access_tokens_required, undefined);
    const answer = await send(base, { body: initializeBody() });
    assert.equal(answer.status, 401);
    assert.match(answer.header('www-authenticate'), /^Bearer resource_metadata="[^"]+", scope="[^"]+", DPoP algs="[^"]+", resource_metadata="[^"]+", scope="[^"]+"$/);
  });

  for (const alg of ['ES256', 'EdDSA', 'RS256']) {
    test(`is bound to that key, and a call with proofs by it is served (${alg})`, async () => {
      const account = await bound(new Key(alg));
      assert.equal(account.body.token_type, 'DPoP');
      assert.deepEqual(claims(account.token).cnf, { jkt: account.key.thumbprint });
      assert.equal((await list(account, good(account))).status, 200);
      assert.equal((await list(account, good(account, { claims: { htu: `${base}/mcp?a=b` } }))).status, 200);
      const told = await (await introspect(base, { id: 'files', secret }, { token: account.token })).json();
      assert.deepEqual([told.active, told.token_type, told.cnf], [true, 'DPoP', { jkt: account.key.thumbprint }]);
    });
  }

  test('serves a session, each of whose requests has a proof of its own', async () => {
    const account = await bound();
    const opened = await send(base, { body: initializeBody(), headers: good(account) });
    const session = opened.header('mcp-session-id');
    assert.equal(opened.status, 200, await opened.text());
    const told = await send(base, { session, version: '2025-11-25', body: { jsonrpc: '2.0', method: 'notifications/initialized' }, headers: good(account) });
    assert.equal(told.status, 202);
    const stream = await send(base, { method: 'GET', session, version: '2025-11-25', headers: account.key.fields('GET', `${base}/mcp`, account.token) });
    assert.equal(stream.status, 200);
    stream.close();
    const ended = await send(base, { method: 'DELETE', session, version: '2025-11-25', headers: account.key.fields('DELETE', `${base}/mcp`, account.token) });
    assert.ok(ended.status < 300, String(ended.status));
  });

  test('serves HTTP+SSE, at both its paths', async () => {
    const account = await bound();
    const refusedThere = await exchange(`${base}/sse`, { headers: { accept: 'text/event-stream', authorization: `DPoP ${account.token}` } });
    assert.equal(refusedThere.status, 401);
    refusedThere.close();
    const stream = await exchange(`${base}/sse`, { headers: { accept: 'text/event-stream', ...account.key.fields('GET', `${base}/sse`, account.token) } });
    assert.equal(stream.status, 200);
    const { data: place } = await new Events(stream).next();
    const url = new URL(place, base);
    const tell = (headers) => sendTo(base, place, { body: { jsonrpc: '2.0', id: 1, method: 'ping' }, headers });
    assert.equal((await tell(account.key.fields('POST', `${base}/mcp`, account.token))).status, 401);
    const told = await tell(account.key.fields('POST', `${url.origin}${url.pathname}`, account.token));
    assert.equal(told.status, 202, await told.text());
    stream.close();
  });

  test('a script of another origin may send the proof', async () => {
    const answer = await exchange(`${base}/mcp`, { method: 'OPTIONS', headers: { origin: base, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' } });
    assert.match(answer.header('access-control-allow-headers'), /\bDPoP\b/);
  });
});

describe('at the endpoint, a bound token', limit, () => {
  for (const [what, fields] of [
    ['as a bearer token', ({ token: given }) => ({ authorization: `Bearer ${given}` })],
    ['as a bearer token beside a good proof', (account) => ({ ...good(account), authorization: `Bearer ${account.token}` })],
  ]) {
    test(`is refused ${what}`, async () => {
      const account = await bound();
      const answer = await list(account, fields(account));
      assert.equal(answer.status, 401);
      assert.match(answer.headers['www-authenticate'], /^Bearer error="invalid_token".*DPoP algs="/);
      assert.equal((await list(account, good(account))).status, 200);
    });
  }

  for (const [what, change] of [
    ['no proof', ({ token: given }) => ({ authorization: `DPoP ${given}` })],
    ['two proofs', (account) => ({ ...good(account), dpop: [good(account).dpop, good(account).dpop] })],
    ['a text that is no proof', (account) => ({ ...good(account), dpop: 'x.y.z' })],
    ['a proof by another key', (account) => ({ ...good(account), dpop: new Key().proof('POST', `${base}/mcp`, account) })],
    ['the right key shown, and another one used', (account) => ({ ...good(account), dpop: new Key().proof('POST', `${base}/mcp`, { token: account.token, header: { jwk: account.key.jwk } }) })],
    ['a proof that shows the private key', (account) => good(account, { header: { jwk: account.key.privateJwk } })],
    ['a proof for another method', (account) => good(account, { claims: { htm: 'GET' } })],
    ['a proof for another path', (account) => good(account, { claims: { htu: `${base}/token` } })],
    ['a proof for another server', (account) => good(account, { claims: { htu: 'https://evil.example/mcp' } })],
    ['an old proof', (account) => good(account, { claims: { iat: Math.floor(Date.now() / 1_000) - 600 } })],
    ['a proof from the future', (account) => good(account, { claims: { iat: Math.floor(Date.now() / 1_000) + 600 } })],
    ['a proof for another token', (account) => good(account, { claims: { ath: createHash('sha256').update('x').digest('base64url') } })],
    ['a proof for no token', (account) => good(account, { claims: { ath: undefined } })],
    ['a proof without a name', (account) => good(account, { claims: { jti: undefined } })],
    ['another kind of JWT', (account) => good(account, { header: { typ: 'JWT' } })],
    ['alg none', (account) => good(account, { header: { alg: 'none' } })],
    ['alg HS256', (account) => good(account, { header: { alg: 'HS256' } })],
  ]) {
    test(`is refused with ${what}`, async () => {
      const account = await bound();
      const answer = await list(account, change(account));
      assert.equal(answer.status, 401);
      assert.match(answer.headers['www-authenticate'], /^Bearer resource_metadata="[^"]+".*, DPoP error="invalid_dpop_proof", .*algs="/);
      assert.equal((await list(account, good(account))).status, 200);
    });
  }

  test('is refused with a proof that was used before', async () => {
    const account = await bound();
    const fields = good(account);
    const answers = await Promise.all(Array.from({ length: 5 }, () => list(account, fields)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401]);
  });

  test('and a bearer token is refused as a bound one', async () => {
    const account = await logIn(base);
    const key = new Key();
    const answer = await list(account, key.fields('POST', `${base}/mcp`, account.token));
    assert.equal(answer.status, 401);
    assert.match(answer.headers['www-authenticate'], /DPoP error="invalid_token"/);
  });
});

describe('codes and refresh tokens', limit, () => {
  test('of a public client, a refresh token is bound to the key it came with', async () => {
    const account = await bound();
    await refused(await refreshWith(account), 'invalid_grant');
    await refused(await refreshWith(account, toToken(new Key())), 'invalid_grant');
    const answer = await refreshWith(account, toToken(account.key));
    assert.equal(answer.status, 200, await answer.text());
    const body = await answer.json();
    assert.equal(body.token_type, 'DPoP');
    // Its use without the key, though long replaced, ends nothing.
    const third = await refreshWith({ ...account, refreshToken: body.refresh_token }, toToken(account.key));
    assert.equal(third.status, 200);
    await refused(await refreshWith(account), 'invalid_grant');
    const fourth = await refreshWith({ ...account, refreshToken: (await third.json()).refresh_token }, toToken(account.key));
    assert.equal(fourth.status, 200, await fourth.text());
  });

  test('a thief who binds a stolen refresh token to a key does not keep it', async () => {
    const account = await logIn(base);
    const thief = new Key();
    const stolen = await (await refreshWith(account, toToken(thief))).json();
    assert.equal(stolen.token_type, 'DPoP');
    await refused(await refreshWith(account), 'invalid_grant');
    await refused(await refreshWith({ ...account, refreshToken: stolen.refresh_token }, toToken(thief)), 'invalid_grant');
    assert.equal((await list({}, thief.fields('POST', `${base}/mcp`, stolen.access_token))).status, 401);
  });

  test('a client that begins to prove gets bound tokens from then on', async () => {
    const account = await logIn(base);
    const key = new Key();
    const first = await (await refreshWith(account, toToken(key))).json();
    assert.equal(first.token_type, 'DPoP');
    await refused(await refreshWith({ ...account, refreshToken: first.refresh_token }), 'invalid_grant');
  });

  test('a client that says dpop_bound_access_tokens gets no token without a proof', async () => {
    const clientId = await newClient(base, { dpop_bound_access_tokens: true });
    const granted = await logInToCode(base, { clientId });
    await refused(await redeem(base, granted), 'invalid_dpop_proof');
    const key = new Key();
    const answer = await redeemWith(granted, toToken(key));
    assert.equal(answer.status, 200, await answer.text());
    const account = { clientId, refreshToken: (await answer.json()).refresh_token };
    await refused(await refreshWith(account), 'invalid_dpop_proof');
    assert.equal((await refreshWith(account, toToken(key))).status, 200);
  });

  test('a code asked for with dpop_jkt is good with that key alone', async () => {
    const [key, clientId, { verifier, challenge }] = [new Key(), await newClient(base), pkce()];
    const url = authorizeUrl(base, { client_id: clientId, code_challenge: challenge, dpop_jkt: key.thumbprint });
    const code = (await walk(new Browser(), url, { user: someone() })).searchParams.get('code');
    const granted = { clientId, code, verifier };
    await refused(await redeem(base, granted), 'invalid_grant');
    await refused(await redeemWith(granted, toToken(new Key())), 'invalid_grant');
    const answer = await redeemWith(granted, toToken(key));
    assert.equal(answer.status, 200, await answer.text());
  });

  test('a dpop_jkt that is none is said to the client', async () => {
    const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge, dpop_jkt: 'x' });
    const { left } = await new Browser().open(url, { stopAt: 'http://127.0.0.1:33418' });
    assert.equal(left.searchParams.get('error'), 'invalid_request');
  });

  test('a bad proof at the token endpoint is refused, and costs neither code nor refresh token', async () => {
    const [key, granted] = [new Key(), await logInToCode(base)];
    const used = toToken(key);
    for (const headers of [
      { dpop: 'x' },
      { dpop: [toToken(key).dpop, toToken(key).dpop] },
      { dpop: key.proof('POST', `${base}/mcp`) },
      { dpop: key.proof('GET', `${base}/token`) },
      toToken(key, { claims: { iat: 1 } }),
      toToken(key, { header: { jwk: key.privateJwk } }),
    ]) await refused(await redeemWith(granted, headers), 'invalid_dpop_proof');
    const answer = await redeemWith(granted, used);
    assert.equal(answer.status, 200, await answer.text());
    const account = { ...granted, refreshToken: (await answer.json()).refresh_token };
    await refused(await refreshWith(account, used), 'invalid_dpop_proof');
    assert.equal((await refreshWith(account, toToken(key))).status, 200);
  });

  test('bound tokens are revoked like others', async () => {
    const account = await bound();
    const answer = await revoke(base, { clientId: account.clientId, token: account.refreshToken });
    assert.equal(answer.status, 200);
    assert.equal((await list(account, good(account))).status, 401);
    await refused(await refreshWith(account, toToken(account.key)), 'invalid_grant');
  });
});
