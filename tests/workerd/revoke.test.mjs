// The end of a grant: given up at /revoke (RFC 7009), or for another reason; and what ends with it.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { Connection } from '../support/http_sse.mjs';
import { logIn, someone } from '../support/login.mjs';
import { modern, modernStream, nextId, Session } from '../support/mcp.mjs';
import { claims, discover, newClient, redeem, refresh, refused, revoke } from '../support/oauth.mjs';

/** Longest until an ended grant is refused everywhere, in milliseconds. */
const KNOWN_MS = 30_000;
/** Most grants that one user has: `oauth::grant::GRANTS_MAX`. */
const GRANTS_MAX = 100;
/** Logins that are under way at once. */
const AT_ONCE = 10;

const limit = { timeout: 60_000 };

const { base } = await serve();

/** The answer to a token that was given up, or that there never was: RFC 7009 section 2.2. */
async function taken(answer) {
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(await answer.text(), '');
  assert.equal(answer.header('cache-control'), 'no-store');
}

/** RFC 6750 section 3.1. */
function challenged(answer) {
  assert.equal(answer.status, 401);
  assert.match(answer.header?.('www-authenticate') ?? answer.headers['www-authenticate'], /^Bearer error="invalid_token".*resource_metadata="/);
}

const list = (account) => modern(base, account.token, 'tools/list');

/** Everything that a client has open works. */
async function works(account, session) {
  assert.equal((await list(account)).status, 200);
  if (session) assert.match(await session.call('count'), /^\d+$/);
  const next = await refresh(base, account);
  assert.equal(next.status, 200, await next.text());
}

/** A session of a user, and its open GET stream. */
async function opened(account) {
  const session = await Session.open(base, account.token);
  return { session, stream: await session.listen() };
}

/** The session as somebody sees it who has another token of the same user. */
const seenBy = (account, session) => new Session(base, account.token, session.id, session.initialized);

/** The stream ends by itself. */
async function ends(stream) {
  assert.deepEqual(await stream.rest(KNOWN_MS), []);
}

const KINDS = [
  ['refresh token', (account) => ({ token: account.refreshToken, token_type_hint: 'refresh_token' })],
  ['access token', (account) => ({ token: account.token, token_type_hint: 'access_token' })],
  ['refresh token under a wrong hint', (account) => ({ token: account.refreshToken, token_type_hint: 'access_token' })],
  ['access token under a hint that nobody knows', (account) => ({ token: account.token, token_type_hint: 'magic' })],
];

describe('a token that is given up', { ...limit, concurrency: true }, () => {
  for (const [what, choose] of KINDS) {
    test(`RS-05: a ${what} ends its sessions and all its tokens at once, and nobody else's`, async () => {
      const user = someone();
      const [account, sibling, stranger] = [await logIn(base, { user }), await logIn(base, { user }), await logIn(base)];
      assert.equal(claims(account.token).sub, claims(sibling.token).sub);
      const [mine, same, other] = [await opened(account), await opened(sibling), await opened(stranger)];
      assert.equal(await mine.session.call('count'), '1');
      for (let turn = 0; turn < 2; turn += 1) assert.equal((await list(account)).status, 200);

      await taken(await revoke(base, { ...choose(account), clientId: account.clientId }));

      // For another token of the same user it is as if the session had never been.
      const gone = await seenBy(sibling, mine.session).request('tools/list');
      assert.equal(gone.status, 404);
      await ends(mine.stream);
      challenged(await mine.session.send({ jsonrpc: '2.0', id: nextId(), method: 'ping' }));
      challenged(await list(account));
      await refused(await refresh(base, account), 'invalid_grant');
      await taken(await revoke(base, { ...choose(account), clientId: account.clientId }));
      for (const [who, { session, stream }] of [[sibling, same], [stranger, other]]) {
        assert.ok(await stream.quiet(100));
        await works(who, session);
        stream.close();
      }
    });
  }

  test('an access token that was replaced ends its grant, too', async () => {
    const account = await logIn(base);
    const fresh = await (await refresh(base, account)).json();
    await taken(await revoke(base, account));
    challenged(await modern(base, fresh.access_token, 'tools/list'));
  });

  test('a connection of HTTP+SSE ends', async () => {
    const user = someone();
    const [account, sibling] = [await logIn(base, { user }), await logIn(base, { user })];
    const connection = await Connection.ready(base, account.token);
    await taken(await revoke(base, account));
    await ends(connection.events);
    const gone = await connection.post({ jsonrpc: '2.0', id: nextId(), method: 'ping' }, { token: sibling.token });
    assert.equal(gone.status, 404);
  });

  test('M-SUB-05: a listening stream ends with its result', async () => {
    const [account, other] = [await logIn(base), await logIn(base)];
    const listen = async ({ token }) => {
      const stream = await modernStream(base, token, 'subscriptions/listen', { notifications: { toolsListChanged: true } }, { ms: 60_000 });
      await stream.nextMessage();
      return stream;
    };
    const [stream, otherStream] = [await listen(account), await listen(other)];
    await taken(await revoke(base, account));
    const last = await stream.rest(KNOWN_MS);
    assert.deepEqual(last.map(({ message }) => message.id), [stream.requestId]);
    assert.ok(last[0].message.result);
    assert.ok(await otherStream.quiet(100));
    otherStream.close();
  });

  test('a stream of a stateless call ends within 30 s', async () => {
    const account = await logIn(base);
    const params = { name: 'progress', arguments: { steps: 100, delay_ms: 1_000 }, _meta: { progressToken: 'p' } };
    const stream = await modernStream(base, account.token, 'tools/call', params, { ms: 60_000 });
    await stream.nextMessage();
    const since = Date.now();
    await taken(await revoke(base, account));
    const heard = await stream.rest();
    assert.ok(Date.now() - since < KNOWN_MS);
    assert.ok(heard.every(({ message }) => message.id === undefined), 'it ended before the call');
  });
});

describe('a grant that ends otherwise', { ...limit, concurrency: true }, () => {
  for (const [what, end] of [
    ['AS-04: a code that is used twice', (account) => redeem(base, account)],
    ['AS-09: an old refresh token', async (account) => {
      const next = await (await refresh(base, account)).json();
      await refresh(base, { ...account, refreshToken: next.refresh_token });
      return refresh(base, account);
    }],
  ]) {
    test(`${what} ends the sessions`, async () => {
      const user = someone();
      const [account, sibling] = [await logIn(base, { user }), await logIn(base, { user })];
      const { session, stream } = await opened(account);
      await refused(await end(account), 'invalid_grant');
      await ends(stream);
      assert.equal((await seenBy(sibling, session).request('tools/list')).status, 404);
      challenged(await list(account));
      await works(sibling);
    });
  }

  // Of this end the front Worker hears nothing: it is how other isolates learn of any.
  test('RS-05: a grant that the front Worker did not see end is refused within 30 s, also in a session of another grant', async () => {
    const user = someone();
    const account = await logIn(base, { user });
    const { session, stream } = await opened(account);
    const { clientId, browser } = account;
    // The grants of one second are equally old, and any of them could give way.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    let newest;
    for (let more = 0; more < GRANTS_MAX; more += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        newest = await logIn(base, { user, clientId, browser });
      }));
    }
    const ended = Date.now();
    await ends(stream);
    const elsewhere = seenBy(account, await Session.open(base, newest.token));
    const answers = async () => [
      await list(account),
      await elsewhere.send({ jsonrpc: '2.0', id: nextId(), method: 'tools/list' }),
    ];
    let got = await answers();
    while (got.some(({ status }) => status !== 401) && Date.now() - ended < KNOWN_MS) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      got = await answers();
    }
    for (const answer of got) challenged(answer);
    assert.equal((await seenBy(newest, session).request('tools/list')).status, 404);
    await works(newest);
  });
});

describe('what ends nothing', { ...limit, concurrency: true }, () => {
  for (const [what, spoil] of [
    ['no token of any kind', () => 'x'],
    ['a very long one', () => 'x'.repeat(20_000)],
    ['a JWT of somebody else', () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['an access token that was altered', ({ token }) => `${token.slice(0, -8)}AAAAAAAA`],
    ['a refresh token that was altered', ({ refreshToken }) => `${refreshToken.slice(0, -8)}AAAAAAAA`],
    ['a code', ({ code }) => code],
  ]) {
    test(`RFC 7009 section 2.2: ${what} is no error`, async () => {
      const account = await logIn(base);
      await taken(await revoke(base, { ...account, token: spoil(account) }));
      await works(account);
    });
  }

  test("another client's token", async () => {
    const account = await logIn(base);
    const clientId = await newClient(base);
    for (const token of [account.token, account.refreshToken]) {
      await refused(await revoke(base, { clientId, token }), 'invalid_grant');
    }
    await works(account);
  });

  test('RFC 6749 section 5.2: a client that is none, or that authenticates although it is public', async () => {
    const account = await logIn(base);
    const { clientId, token } = account;
    await refused(await revoke(base, { clientId: 'made-up', token }), 'invalid_client', 401);
    await refused(await revoke(base, { clientId, token, client_secret: 'x' }), 'invalid_client', 401);
    const authorization = `Basic ${Buffer.from(`${clientId}:x`).toString('base64')}`;
    const answer = await revoke(base, account, { authorization });
    assert.match(answer.header('www-authenticate'), /^Basic /);
    await refused(answer, 'invalid_client', 401);
    await refused(await revoke(base, { token }), 'invalid_request');
    await refused(await revoke(base, { clientId }), 'invalid_request');
    await works(account);
  });

  for (const [what, body, type = 'application/x-www-form-urlencoded'] of [
    ['a parameter twice', (form) => `${form}&${form}`],
    ['a hint twice', (form) => `${form}&token_type_hint=a&token_type_hint=b`],
    ['a form that is too large', (form) => `${form}&x=${'x'.repeat(100_000)}`],
    ['too many parameters', (form) => `${form}${'&x=1'.repeat(100)}`],
    ['JSON', (_, account) => JSON.stringify({ token: account.token, client_id: account.clientId }), 'application/json'],
    ['a form of another name', (form) => form, 'text/plain'],
    ['bytes that are no text', () => Buffer.from([0xff, 0xfe, 0x3d])],
    ['nothing', () => ''],
  ]) {
    test(`${what} is refused`, async () => {
      const account = await logIn(base);
      const form = new URLSearchParams({ token: account.token, client_id: account.clientId }).toString();
      const answer = await exchange(`${base}/revoke`, { method: 'POST', headers: { 'content-type': type }, body: body(form, account) });
      await refused(answer, 'invalid_request');
      await works(account);
    });
  }

  test('another verb', async () => {
    const answer = await exchange(`${base}/revoke`, { method: 'GET' });
    answer.close();
    assert.equal(answer.status, 405);
  });
});

test('RFC 8414 section 2: the metadata says where, and pages may use it', limit, async () => {
  const { server } = await discover(base);
  assert.equal(server.revocation_endpoint, `${base}/revoke`);
  assert.deepEqual(server.revocation_endpoint_auth_methods_supported, ['none', 'private_key_jwt']);
  const headers = { origin: 'https://client.example', 'access-control-request-method': 'POST' };
  const preflight = await exchange(`${base}/revoke`, { method: 'OPTIONS', headers });
  assert.deepEqual([preflight.status, preflight.header('access-control-allow-origin')], [204, '*']);
  const answer = await revoke(base, { clientId: 'made-up', token: 'x' }, { origin: 'https://client.example' });
  assert.deepEqual([answer.status, answer.header('access-control-allow-origin')], [401, '*']);
});
