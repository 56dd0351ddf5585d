// Token exchange (RFC 8693): a client of the configuration swaps a user's token for one of its own.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { newKey, proof } from '../support/assertion.mjs';
import { Key } from '../support/dpop.mjs';
import { serve } from '../support/fixture.mjs';
import { logIn, logInToCode } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims, discover, introspect, post, redeem, refused, revoke, token } from '../support/oauth.mjs';

const limit = { timeout: 60_000, concurrency: true };
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const hash = (secret) => createHash('sha256').update(secret).digest('base64url');
const [secret, asking, key] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url'), newKey('one')];
const CLIENTS = JSON.stringify([
  { id: 'agent', name: 'Agent', grant_types: [TOKEN_EXCHANGE], secret_hash: hash(secret), scope: 'notes:read' },
  { id: 'signing', grant_types: [TOKEN_EXCHANGE], jwks: { keys: [key.jwk] } },
  { id: 'ci', grant_types: ['client_credentials'], secret_hash: hash(secret) },
]);
const RESOURCE_SERVERS = JSON.stringify([{ id: 'api', secret_hash: hash(asking) }]);
const [{ base }, { base: without }] = await Promise.all([
  serve({ vars: { CLIENTS, RESOURCE_SERVERS, QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } }),
  serve(),
]);

const basic = (id, word) => ({ authorization: `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}` });

/** Swaps a token; the raw answer. */
const swap = (subject, fields = {}, headers = basic('agent', secret)) =>
  token(base, { grant_type: TOKEN_EXCHANGE, subject_token: subject, subject_token_type: ACCESS_TOKEN, ...fields }, headers);

async function swapped(answer) {
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  assert.equal(body.issued_token_type, ACCESS_TOKEN);
  assert.equal(body.refresh_token, undefined);
  return body;
}

async function introspected(text) {
  const answer = await introspect(base, { id: 'api', secret: asking }, { token: text });
  assert.equal(answer.status, 200);
  return answer.json();
}

describe('token exchange', limit, () => {
  test('is off unless the configuration has a client for it', async () => {
    const { server } = await discover(without);
    assert.ok(!server.grant_types_supported.includes(TOKEN_EXCHANGE));
    const { server: here } = await discover(base);
    assert.ok(here.grant_types_supported.includes(TOKEN_EXCHANGE));
    const { token: subject } = await logIn(base);
    await refused(await swap(subject, {}, basic('ci', secret)), 'unauthorized_client');
  });

  test('RFC 8693: gives a token of the same user that allows no more, and says who acts', async () => {
    const granted = await logIn(base, { scope: 'notes:read notes:write' });
    const body = await swapped(await swap(granted.token, { scope: 'notes:read' }));
    const [old, now] = [claims(granted.token), claims(body.access_token)];
    assert.deepEqual([now.sub, now.sid, now.client_id, now.act], [old.sub, old.sid, 'agent', { sub: 'agent' }]);
    assert.equal(now.scope, 'mcp notes:read');
    assert.ok(now.exp <= old.exp && body.expires_in <= 900);
    assert.equal((await modern(base, body.access_token, 'tools/list')).status, 200);
    const session = await Session.open(base, body.access_token);
    assert.match(await session.call('count'), /^\d+$/);
    const told = await introspected(body.access_token);
    assert.deepEqual([told.active, told.act, told.client_id], [true, { sub: 'agent' }, 'agent']);
    await refused(await swap(granted.token, { scope: 'notes:write' }), 'invalid_scope');
  });

  test('its token ends with the grant it came from, and its client cannot end that', async () => {
    const granted = await logIn(base);
    const { access_token: mine } = await swapped(await swap(granted.token));
    const tried = await post(base, '/revoke', { token: mine }, basic('agent', secret));
    assert.equal(tried.status, 400, await tried.text());
    assert.equal((await introspected(granted.token)).active, true);
    const answer = await revoke(base, { clientId: granted.clientId, token: granted.refreshToken });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal((await modern(base, mine, 'tools/list')).status, 401);
    assert.equal((await introspected(mine)).active, false);
    await refused(await swap(granted.token), 'invalid_request');
  });

  test('takes a client that proves itself with a key, and each assertion once', async () => {
    const { token: subject } = await logIn(base);
    const shown = proof(base, 'signing', key);
    const body = await swapped(await swap(subject, shown, {}));
    assert.equal(claims(body.access_token).scope, 'mcp');
    await refused(await swap(subject, shown, {}), 'invalid_client', 401);
  });

  test('RFC 9449: a token that is bound to a key is swapped with a proof by that key alone', async () => {
    const [held, other] = [new Key(), new Key()];
    const { clientId, code, verifier } = await logInToCode(base);
    const granted = await redeem(base, { clientId, code, verifier }, { dpop: held.proof('POST', `${base}/token`) });
    const { access_token: subject } = await granted.json();
    await refused(await swap(subject), 'invalid_request');
    const shown = (by) => ({ ...basic('agent', secret), dpop: by.proof('POST', `${base}/token`) });
    await refused(await swap(subject, {}, shown(other)), 'invalid_request');
    const body = await swapped(await swap(subject, {}, shown(held)));
    assert.equal(body.token_type, 'DPoP');
  });

  for (const [what, fields, headers, word, status] of [
    ['without a proof of the client', { client_id: 'agent' }, {}, 'invalid_client', 401],
    ['with a wrong secret', {}, basic('agent', asking), 'invalid_client', 401],
    ['for another audience', { audience: 'https://evil.example/mcp' }, undefined, 'invalid_target', 400],
    ['for another resource', { resource: 'https://evil.example/mcp' }, undefined, 'invalid_target', 400],
    ['for a refresh token', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, undefined, 'invalid_request', 400],
    ['of another type', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, undefined, 'invalid_request', 400],
    ['in the name of another actor', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, undefined, 'invalid_request', 400],
    ['of a forged token', { subject_token: 'a.b.c' }, undefined, 'invalid_request', 400],
  ]) {
    test(`is refused ${what}`, async () => {
      const { token: subject } = await logIn(base);
      await refused(await swap(subject, fields, headers), word, status);
    });
  }

  test('of a refresh token is refused: it is nobody\'s but its client\'s', async () => {
    const { refreshToken: subject } = await logIn(base);
    await refused(await swap(subject), 'invalid_request');
  });
});
