// Programs that log in by themselves: clients of the configuration. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { startDocuments } from '../counterparts/documents.mjs';
import { json } from '../counterparts/loopback.mjs';
import { newKey, proof } from '../support/assertion.mjs';
import { Key } from '../support/dpop.mjs';
import { serve } from '../support/fixture.mjs';
import { logInToCode } from '../support/login.mjs';
import { modern, Session } from '../support/mcp.mjs';
import { claims, discover, newClient, post, redeem, REDIRECT, refresh, refused, revoke, token } from '../support/oauth.mjs';

const limit = { timeout: 60_000, concurrency: true };

const documents = await startDocuments();
after(() => documents.stop());
const hash = (secret) => createHash('sha256').update(secret).digest('base64url');
const [secret, webSecret] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
const [key, remoteKey] = [newKey('one'), newKey('remote')];
const itself = ['client_credentials'];
const CLIENTS = JSON.stringify([
  { id: 'ci', name: 'Nightly build', grant_types: itself, secret_hash: hash(secret) },
  { id: 'bot', grant_types: itself, jwks: { keys: [key.jwk] } },
  { id: 'far', grant_types: itself, jwks_uri: documents.answer((response) => json(response, 200, { keys: [remoteKey.jwk] })) },
  { id: 'brief', grant_types: itself, jwks: { keys: [key.jwk] } },
  { id: 'web', name: 'Web app', grant_types: ['authorization_code'], redirect_uris: [REDIRECT], secret_hash: hash(webSecret) },
]);
const [{ base }, { base: without }] = await Promise.all([
  serve({ vars: { CLIENTS, LOOPBACK_CLIENT_DOCUMENTS: 'on', QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } }),
  serve(),
]);

const basic = (id, word) => ({ authorization: `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}` });

/** Asks for a token of the client's own; the raw answer. */
const ask = (fields, headers) => token(base, { grant_type: 'client_credentials', resource: `${base}/mcp`, ...fields }, headers);

async function given(answer) {
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  assert.equal(body.refresh_token, undefined, 'RFC 6749 section 4.4.3');
  return body;
}

describe('a client that logs in by itself', limit, () => {
  test('AS-20: is announced where there is one', async () => {
    const { server } = await discover(base);
    assert.ok(server.grant_types_supported.includes('client_credentials'));
    for (const method of ['client_secret_basic', 'private_key_jwt']) assert.ok(server.token_endpoint_auth_methods_supported.includes(method));
    const { server: other } = await discover(without);
    assert.ok(!other.grant_types_supported.includes('client_credentials'));
    assert.ok(!other.token_endpoint_auth_methods_supported.includes('client_secret_basic'));
  });

  for (const [what, how] of [
    ['a secret in the Authorization field', () => [{}, basic('ci', secret)]],
    ['a secret in the form', () => [{ client_id: 'ci', client_secret: secret }]],
    ['a key of the configuration', () => [proof(base, 'bot', key)]],
    ['a key that it publishes', () => [{ client_id: 'far', ...proof(base, 'far', remoteKey) }]],
  ]) {
    test(`AS-20, Q15: proves itself with ${what}, and has an account of its own, with sessions and a quota`, async () => {
      const body = await given(await ask(...how()));
      const said = claims(body.access_token);
      assert.equal(said.idp.issuer, 'urn:sessile:client');
      assert.equal(said.idp.subject, said.client_id);
      const session = await Session.open(base, body.access_token);
      assert.match(await session.call('count'), /^\d+$/);
      // The next token is for the same account and grant, so the session goes on.
      const next = await given(await ask(...how()));
      assert.deepEqual([claims(next.access_token).sub, claims(next.access_token).sid], [said.sub, said.sid]);
      session.token = next.access_token;
      assert.match(await session.call('count'), /^\d+$/);
      await session.end();
    });
  }

  test('AS-20: no account is that of another client', async () => {
    const [one, two] = [await given(await ask({}, basic('ci', secret))), await given(await ask(proof(base, 'bot', key)))];
    assert.notEqual(claims(one.access_token).sub, claims(two.access_token).sub);
  });

  test('its token is given up like another, and what was given up stays so', async () => {
    const fields = () => ({ client_id: 'brief', ...proof(base, 'brief', key) });
    const { access_token: old } = await given(await ask(fields()));
    await refused(await revoke(base, { clientId: 'brief', token: old }), 'invalid_client', 401);
    const answer = await post(base, '/revoke', { token: old, ...fields() });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal((await modern(base, old, 'tools/list')).status, 401);
    const { access_token: next } = await given(await ask(fields()));
    assert.equal((await modern(base, next, 'tools/list')).status, 200);
    assert.equal((await modern(base, old, 'tools/list')).status, 401);
  });

  test('RFC 9449: its token can be bound to a key', async () => {
    const held = new Key();
    const body = await given(await ask({}, { ...basic('ci', secret), dpop: held.proof('POST', `${base}/token`) }));
    assert.equal(body.token_type, 'DPoP');
    const headers = held.fields('POST', `${base}/mcp`, body.access_token);
    assert.equal((await modern(base, undefined, 'tools/list', {}, { headers })).status, 200);
  });

  test('AS-20: an assertion is good once', async () => {
    const shown = proof(base, 'bot', key);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(shown)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401]);
  });

  for (const [what, fields, headers, word, status] of [
    ['without a proof', { client_id: 'ci' }, {}, 'invalid_client', 401],
    ['with a wrong secret', {}, basic('ci', webSecret), 'invalid_client', 401],
    ['with an empty secret', {}, basic('ci', ''), 'invalid_client', 401],
    ['with the hash of its secret', {}, basic('ci', hash(secret)), 'invalid_client', 401],
    ['with a secret where it has a key', {}, basic('bot', secret), 'invalid_client', 401],
    ['under another id', { client_id: 'bot' }, basic('ci', secret), 'invalid_client', 401],
    ['with two secrets', { client_secret: secret }, basic('ci', secret), 'invalid_client', 401],
    ['that nobody knows', {}, basic('nobody', secret), 'invalid_client', 401],
    ['that may only act for users', {}, basic('web', webSecret), 'unauthorized_client', 400],
    ['for a scope that it was not given', { scope: 'no:such' }, basic('ci', secret), 'invalid_scope', 400],
    ['for another resource', { resource: 'https://evil.example/' }, basic('ci', secret), 'invalid_target', 400],
    ['with a bearer token in the field', {}, { authorization: `Bearer ${secret}` }, 'invalid_client', 401],
  ]) {
    test(`AS-20: is refused ${what}`, async () => {
      await refused(await ask(fields, headers), word, status);
    });
  }

  test('AS-20: a forged assertion is refused, and so is one for somebody else', async () => {
    for (const shown of [
      proof(base, 'bot', newKey('one')),
      proof(base, 'bot', key, { claims: { aud: 'https://evil.example' } }),
      proof(base, 'bot', key, { claims: { sub: 'far' } }),
      proof(base, 'bot', key, { claims: { exp: 1 } }),
      proof(base, 'bot', key, { header: { alg: 'none' } }),
      proof(base, 'bot', key, { header: { typ: 'dpop+jwt' } }),
    ]) await refused(await ask({ client_id: 'bot', ...shown }), 'invalid_client', 401);
  });

  test('a client that registered by itself, or has a document, is refused', async () => {
    await refused(await ask({ client_id: await newClient(base) }), 'unauthorized_client');
    await refused(await ask({ client_id: documents.publish() }), 'unauthorized_client');
  });
});

describe('a client of the configuration that acts for users', limit, () => {
  test('needs its secret for codes and refresh tokens', async () => {
    const granted = await logInToCode(base, { clientId: 'web' });
    await refused(await redeem(base, granted), 'invalid_client', 401);
    await refused(await redeem(base, { ...granted, client_secret: secret }), 'invalid_client', 401);
    const answer = await redeem(base, { ...granted, client_secret: webSecret });
    assert.equal(answer.status, 200, await answer.text());
    const { refresh_token: refreshToken } = await answer.json();
    await refused(await refresh(base, { clientId: 'web', refreshToken }), 'invalid_client', 401);
    const next = await refresh(base, { clientId: 'web', refreshToken, client_secret: webSecret });
    assert.equal(next.status, 200, await next.text());
  });
});
