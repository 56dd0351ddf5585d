// A server whose tools are public: nobody has to log in, and who nevertheless sends a token is held to it.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { initializeBody, LATEST_WITH_SESSIONS, modern, nextId, replyOf, send, Session, textOf } from '../support/mcp.mjs';
import { claims } from '../support/oauth.mjs';

const together = { timeout: 60_000, concurrency: true };

const [open, closed] = await Promise.all([
  serve({ example: 'hello', people: ['alice', 'mallory'] }),
  serve({ people: ['alice'] }),
]);

/** One request of each kind, sent with these headers; the raw answers by name. */
async function everyRequest(base, headers) {
  const list = { jsonrpc: '2.0', id: nextId(), method: 'tools/list' };
  const inSession = { headers: { 'mcp-session-id': 'made-up', ...headers }, version: LATEST_WITH_SESSIONS };
  const { status, headers: fields } = await modern(base, undefined, 'tools/list', {}, { headers });
  return [
    ['a stateless request', { status, header: (name) => fields[name] }],
    ['initialize', await send(base, { body: initializeBody(), headers })],
    ['a request', await send(base, { body: list, ...inSession })],
    ['a notification', await send(base, { body: { jsonrpc: '2.0', method: 'notifications/initialized' }, ...inSession })],
    ['GET', await send(base, { method: 'GET', ...inSession })],
    ['DELETE', await send(base, { method: 'DELETE', ...inSession })],
  ];
}

/** A challenge as clients follow it: RFC 6750 section 3, RFC 9728 section 5.1. */
function challenged(base, what, answer, { sent }) {
  assert.equal(answer.status, 401, what);
  const challenge = answer.header('www-authenticate') ?? '';
  assert.match(challenge, /^Bearer /, what);
  assert.ok(challenge.includes(`resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`), challenge);
  if (sent) assert.match(challenge, /error="invalid_token"/, what);
  else assert.doesNotMatch(challenge, /error=/, what);
}

describe('a public server', together, () => {
  const { base, alice, mallory } = open;
  const hello = (token) => modern(base, token, 'tools/call', { name: 'hello', arguments: { name: 'Ada' } });

  for (const revision of ['2025-11-25', '2025-06-18', '2025-03-26']) {
    test(`G-03: a session of ${revision} needs no token, from its beginning to its end`, async () => {
      const session = await Session.open(base, undefined, { revision });
      assert.equal(await session.call('hello', { name: 'Ada' }), 'Hello, Ada!');
      const stream = await session.listen();
      stream.close();
      assert.equal((await session.end()).status, 204);
      assert.equal((await session.request('ping')).status, 404);
    });
  }

  test('G-03: a stateless client needs no token', async () => {
    assert.ok((await modern(base, undefined, 'server/discover')).result.capabilities.tools);
    assert.equal(textOf(await hello()), 'Hello, Ada!');
  });

  test('a good token is taken, in both eras', async () => {
    assert.equal(textOf(await hello(alice.token)), 'Hello, Ada!');
    assert.equal(await (await Session.open(base, alice.token)).call('hello', { name: 'Ada' }), 'Hello, Ada!');
  });

  const [head, body, signature] = alice.token.split('.');
  for (const [what, authorization] of [
    ['made up', 'Bearer made-up'],
    ['altered', `Bearer ${head}.${body}.${signature.slice(0, -4)}AAAA`],
    ['unsigned', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`],
    ['for another server', `Bearer ${closed.alice.token}`],
  ]) {
    test(`G-03, RS-03, RS-05: a token that is ${what} is 401 with a challenge, not anonymous`, async () => {
      for (const [kind, answer] of await everyRequest(base, { authorization })) challenged(base, kind, answer, { sent: true });
    });
  }
  for (const [what, authorization] of [['no bearer token', 'Basic YTpi'], ['a scheme without a token', 'Bearer']]) {
    test(`G-03: an Authorization that is ${what} is 401, not anonymous`, async () => {
      for (const [kind, answer] of await everyRequest(base, { authorization })) {
        assert.equal(answer.status, 401, kind);
        assert.match(answer.header('www-authenticate') ?? '', /^Bearer /, kind);
      }
    });
  }

  test('P15, SEC-01, L-SESS-06: a session belongs to who opened it: to a user, or to nobody in particular', async () => {
    const [hers, nobodys] = [await Session.open(base, alice.token), await Session.open(base)];
    const with_ = (session, token) => new Session(base, token, session.id, session.initialized).request('ping');
    assert.equal((await with_(hers, undefined)).status, 404);
    assert.equal((await with_(hers, mallory.token)).status, 404);
    assert.equal((await with_(nobodys, alice.token)).status, 404);
    assert.equal((await with_(hers, alice.token)).status, 200);
    assert.equal((await with_(nobodys, undefined)).status, 200);
  });

  test('L-SESS-01: a session of nobody goes on from another address, also if that sends its first message', async () => {
    const headers = (host) => ({ 'cf-connecting-ip': `198.51.100.${host}` });
    const opened = await send(base, { body: initializeBody(), headers: headers(1) });
    assert.equal(opened.status, 200, await opened.text());
    const session = opened.header('mcp-session-id');
    for (const host of [2, 1, 3]) {
      const list = { jsonrpc: '2.0', id: nextId(), method: 'tools/list' };
      const answer = await send(base, { session, version: LATEST_WITH_SESSIONS, body: list, headers: headers(host) });
      assert.equal(answer.status, 200, await answer.text());
    }
  });

  test('L-SESS-02, SEC-01: nobody\'s session is guarded by its name: one that was altered is 404', async () => {
    const session = await Session.open(base);
    for (const at of [0, session.id.length >> 1, session.id.length - 1]) {
      const id = `${session.id.slice(0, at)}${session.id[at] === 'A' ? 'B' : 'A'}${session.id.slice(at + 1)}`;
      assert.equal((await new Session(base, undefined, id, session.initialized).request('ping')).status, 404);
    }
  });

  test('RS-01: its metadata is there for clients that look for it first', async () => {
    const resource = await (await exchange(`${base}/.well-known/oauth-protected-resource/mcp`)).json();
    assert.equal(resource.resource, `${base}/mcp`);
    assert.equal(claims(alice.token).aud, resource.resource);
  });

  test('G-01: a stranger\'s page is refused all the same', async () => {
    const answer = await send(base, { body: initializeBody(), headers: { origin: 'https://evil.example' } });
    assert.equal(answer.status, 403, await answer.text());
  });

  test('SEC-12: what nobody in particular may do is counted, too', async () => {
    const { headers } = await hello();
    assert.match(headers.ratelimit ?? '', /;r=\d+/);
    assert.match(headers['ratelimit-policy'] ?? '', /;q=\d+/);
  });
});

describe('a server that is not public', together, () => {
  test('its start page speaks of the login, and that of a public server does not', async () => {
    const page = async ({ base }) => (await exchange(`${base}/`)).text();
    const [public_, asking] = [await page(open), await page(closed)];
    assert.match(asking, /opens a login page/);
    assert.match(public_, /no login is asked for/);
    assert.doesNotMatch(public_, /log in|login page/);
  });

  test('G-03, RS-03: without a token everything is 401 with a challenge', async () => {
    for (const [kind, answer] of await everyRequest(closed.base, {})) challenged(closed.base, kind, answer, { sent: false });
  });

  test('G-03: a session of its user is nobody\'s without a token', async () => {
    const session = await Session.open(closed.base, closed.alice.token);
    const answer = await new Session(closed.base, undefined, session.id, session.initialized).send({ jsonrpc: '2.0', id: nextId(), method: 'ping' });
    challenged(closed.base, 'ping', answer, { sent: false });
    assert.deepEqual((await replyOf(await session.send({ jsonrpc: '2.0', id: nextId(), method: 'ping' }))).result, {});
  });
});
