// What registered resource servers are told of tokens (RFC 7662), and everybody else is not.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import { claims, discover, introspect, post, redeem, refresh, revoke } from '../support/oauth.mjs';

const limit = { timeout: 60_000 };

/** A resource server and its line in the configuration. */
function registered(id) {
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, line: { id, secret_hash: createHash('sha256').update(secret).digest('base64url') } };
}

const [files, mail] = [registered('files'), registered('mail')];
const vars = { RESOURCE_SERVERS: JSON.stringify([files.line, mail.line]), ACCESS_TOKEN_SECONDS: 8, QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 };
const [{ base }, { base: closed }] = await Promise.all([serve({ vars }), serve()]);

/** What somebody is told, which nobody may keep. */
async function told(answer) {
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(answer.header('cache-control'), 'no-store');
  return answer.json();
}

const ask = async (token, who = files) => told(await introspect(base, who, { token }));

async function refused(answer, word, status) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(JSON.parse(text).error, word, text);
  return answer;
}

const INACTIVE = { active: false };

describe('a registered resource server', { ...limit, concurrency: true }, () => {
  test('is told what a live access token says, and nothing else', async () => {
    const { token } = await logIn(base);
    const { aud, client_id, exp, iat, iss, scope, sub } = claims(token);
    assert.equal(aud, `${base}/mcp`);
    for (const who of [files, mail]) {
      assert.deepEqual(await ask(token, who), { active: true, aud, client_id, exp, iat, iss, scope, sub, token_type: 'Bearer' });
    }
  });

  for (const [what, end] of [
    ['given up', (account) => revoke(base, { ...account, token: account.refreshToken })],
    ['ended by a code that was used twice', (account) => redeem(base, account)],
  ]) {
    test(`hears at once that a grant was ${what}, and of no other`, async () => {
      const [account, other] = [await logIn(base), await logIn(base)];
      assert.equal((await ask(account.token)).active, true);
      (await end(account)).close();
      assert.deepEqual(await ask(account.token), INACTIVE);
      assert.equal((await ask((await (await refresh(base, other)).json()).access_token)).active, true);
    });
  }

  test('hears that a token has expired', async () => {
    const { token } = await logIn(base);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (claims(token).exp + 1) * 1_000 - Date.now())));
    assert.deepEqual(await ask(token), INACTIVE);
  });

  test('hears nothing of whatever is no access token of this server', async () => {
    const [account, elsewhere] = [await logIn(base), await logIn(closed)];
    const { token, refreshToken, code } = account;
    const [header, payload] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    for (const other of [refreshToken, code, elsewhere.token, `${token}x`, `${header}.${payload}.`, `${none}.${payload}.`, 'x', 'x'.repeat(20_000)]) {
      assert.deepEqual(await ask(other), INACTIVE, other.slice(0, 40));
    }
  });

  for (const [what, body, type = 'application/x-www-form-urlencoded'] of [
    ['no token', 'x=1'],
    ['a token twice', 'token=a&token=b'],
    ['a form that is too large', `token=${'x'.repeat(100_000)}`],
    ['too many parameters', `token=a${'&x=1'.repeat(100)}`],
    ['JSON', '{"token":"a"}', 'application/json'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x3d])],
  ]) {
    test(`is refused if it sends ${what}`, async () => {
      const authorization = `Basic ${Buffer.from(`${files.id}:${files.secret}`).toString('base64')}`;
      const headers = { authorization, 'content-type': type };
      await refused(await exchange(`${base}/introspect`, { method: 'POST', headers, body }), 'invalid_request', 400);
    });
  }
});

describe('everybody else', { ...limit, concurrency: true }, () => {
  test('RFC 7662 section 2.3: is 401, whatever the token', async () => {
    const { token, clientId } = await logIn(base);
    const asked = (authorization, fields = {}) => post(base, '/introspect', { token, ...fields }, { authorization });
    for (const answer of [
      await asked(undefined),
      await asked(`Bearer ${token}`),
      await asked('Basic'),
      await asked(undefined, { client_id: files.id, client_secret: files.secret }),
      await introspect(base, { ...files, secret: mail.secret }, { token }),
      await introspect(base, { ...files, secret: '' }, { token }),
      await introspect(base, { ...files, secret: files.line.secret_hash }, { token }),
      await introspect(base, { ...files, id: 'nobody' }, { token }),
      await introspect(base, { id: clientId, secret: '' }, { token }),
      await introspect(base, { ...files, secret: 'x' }, { token: 'x'.repeat(100_000) }),
    ]) {
      await refused(answer, 'invalid_client', 401);
      assert.match(answer.header('www-authenticate'), /^Basic /);
      assert.equal(answer.header('cache-control'), 'no-store');
    }
  });

  test('finds no such endpoint where no resource server is registered', async () => {
    const { token } = await logIn(closed);
    assert.equal((await introspect(closed, files, { token })).status, 404);
    assert.equal((await discover(closed)).server.introspection_endpoint, undefined);
  });

  test('cannot use it from a page, or with another verb', async () => {
    const headers = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET']) {
      const answer = await exchange(`${base}/introspect`, { method, headers });
      assert.deepEqual([answer.status, answer.header('access-control-allow-origin')], [405, undefined]);
    }
  });
});

test('RFC 8414 section 2: the metadata says where and how', limit, async () => {
  const { server } = await discover(base);
  assert.equal(server.introspection_endpoint, `${base}/introspect`);
  assert.deepEqual(server.introspection_endpoint_auth_methods_supported, ['client_secret_basic']);
});
