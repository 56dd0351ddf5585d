// Bad input at the MCP endpoint, before any session is looked at: guards, tokens, cross-origin rules.
// Each row says what is sent and the exact answer it must get; ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { initializeBody, LATEST_WITH_SESSIONS, modern, nextId, replyOf, send, Session } from '../support/mcp.mjs';
import { refusedWith, rows, statusOnly } from '../support/refusals.mjs';

/** A page's origin that a server on loopback has no reason to trust. */
const STRANGER = 'https://evil.example';
/** Where MCP Inspector's pages live by default. */
const INSPECTOR = 'http://localhost:6274';
/** A little more than a message may have, in bytes: `BODY_BYTES_MAX` in mcp/src/limits.rs. */
const TOO_LARGE_BYTES = 4 * 1024 * 1024 + 64 * 1024;

const { base, alice, mallory } = await serve({ people: ['alice', 'mallory'] });
const session = await Session.open(base, alice.token);

const call = (params = { name: 'echo', arguments: { text: 'x' } }) => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params });
const list = () => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/list' });
const inSession = (options) => send(base, { token: alice.token, session: session.id, version: LATEST_WITH_SESSIONS, ...options });

describe('guards', () => {
  rows([
    ...['POST', 'GET', 'DELETE'].map((method) => [`G-01: ${method} from a page of a stranger's origin is refused`, async () => {
      const body = method === 'POST' ? list() : undefined;
      await statusOnly(await inSession({ method, body, headers: { origin: STRANGER } }), 403);
    }]),
    ['G-01: an origin that is `null` is a stranger\'s', async () => {
      await statusOnly(await inSession({ body: list(), headers: { origin: 'null' } }), 403);
    }],
    ['G-01: the origin is looked at before the token', async () => {
      await statusOnly(await send(base, { body: list(), headers: { origin: STRANGER } }), 403);
    }],
    ['G-01: without an origin the request goes on', async () => {
      await statusOnly(await inSession({ body: list() }), 200);
    }],
    ['a host name that was pointed at us by someone else is refused (DNS rebinding)', async () => {
      const answer = await inSession({ body: list(), headers: { host: 'evil.example' } });
      assert.ok([403, 421].includes(answer.status), `${answer.status} ${await answer.text()}`);
    }],
    ['a host name that begins like ours is refused', async () => {
      const answer = await inSession({ body: list(), headers: { host: `${new URL(base).hostname}.evil.example` } });
      assert.ok([403, 421].includes(answer.status), `${answer.status} ${await answer.text()}`);
    }],
    ...['PUT', 'PATCH'].map((method) => [`G-02: ${method} is not a verb of the endpoint`, async () => {
      const answer = await inSession({ method, body: list() });
      await statusOnly(answer, 405);
      assert.match(answer.header('allow') ?? '', /POST/);
    }]),
    ['G-04: a body that is not called JSON is refused', async () => {
      await statusOnly(await inSession({ body: list(), headers: { 'content-type': 'text/plain' } }), 415);
    }],
    ['G-04: a client that cannot read streams is told so', async () => {
      await statusOnly(await inSession({ body: list(), headers: { accept: 'application/json' } }), 406);
    }],
    ['G-04: a client that cannot read JSON is told so', async () => {
      await statusOnly(await inSession({ body: list(), headers: { accept: 'text/event-stream' } }), 406);
    }],
    ['G-04: a client that accepts everything is served', async () => {
      await statusOnly(await inSession({ body: list(), headers: { accept: '*/*' } }), 200);
    }],
    ['G-04: a body over the limit is refused as too large', async () => {
      const body = JSON.stringify(call({ name: 'echo', arguments: { text: 'x'.repeat(TOO_LARGE_BYTES) } }));
      await statusOnly(await inSession({ body }), 413);
    }],
    ['G-04: the session goes on after a body that was too large', async () => {
      await statusOnly(await inSession({ body: list() }), 200);
    }],
    ['G-05: a body that is not JSON is a parse error without an id', async () => {
      await refusedWith(await inSession({ body: '{"jsonrpc":"2.0",' }), 400, -32700, undefined);
    }],
    ['G-05: an empty body is a parse error', async () => {
      await refusedWith(await inSession({ body: '' }), 400, -32700, undefined);
    }],
    ['G-05: bytes that are not UTF-8 are a parse error', async () => {
      const body = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
      const answer = await exchange(`${base}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${alice.token}`, 'mcp-session-id': session.id, 'content-type': 'application/json', accept: 'application/json, text/event-stream',
        },
        body,
      });
      await refusedWith(answer, 400, -32700, undefined);
    }],
    ['G-05: nesting deep enough to break a parser breaks nothing', async () => {
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const answer = await inSession({ body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":${deep}}}}` });
      // The envelope needs no look inside the arguments; whoever looks says no.
      const reply = await answer.json();
      assert.ok(reply.error ?? reply.result?.isError, JSON.stringify(reply));
      await statusOnly(await inSession({ body: list() }), 200);
    }],
    ...[['a text', '"hello"'], ['a number', '7'], ['null', 'null'], ['an object without a method', '{"jsonrpc":"2.0","params":{}}'],
      ['another jsonrpc version', '{"jsonrpc":"1.0","method":"notifications/initialized"}'],
      ['no jsonrpc version', '{"method":"notifications/initialized"}'],
      ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
      ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
      ['a boolean id', '{"jsonrpc":"2.0","id":true,"method":"ping"}'],
    ].map(([what, body]) => [`G-05: ${what} is no request`, async () => {
      await refusedWith(await inSession({ body }), 400, -32600, undefined);
    }]),
    ['G-05: a method that is not a text is no request, and its id comes back', async () => {
      await refusedWith(await inSession({ body: '{"jsonrpc":"2.0","id":41,"method":7}' }), 400, -32600, 41);
    }],
    ['G-05: an id that is a text comes back as a text', async () => {
      const answer = await inSession({ body: { jsonrpc: '2.0', id: '41', method: 'ping' } });
      assert.strictEqual((await replyOf(answer, '41')).id, '41');
    }],
    ['G-05: an id beyond 32 bits comes back unchanged', async () => {
      const answer = await inSession({ body: { jsonrpc: '2.0', id: 9_007_199_254_740_991, method: 'ping' } });
      assert.strictEqual((await replyOf(answer, 9_007_199_254_740_991)).id, 9_007_199_254_740_991);
    }],
  ]);
});

describe('tokens', () => {
  const forge = (change) => {
    const [head, body, signature] = alice.token.split('.');
    const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return change({ head: decode(head), body: decode(body), signature, encode });
  };

  const challenged = async (answer, { sent }) => {
    await statusOnly(answer, 401);
    const challenge = answer.header('www-authenticate') ?? '';
    assert.match(challenge, /^Bearer /);
    assert.match(challenge, new RegExp(`resource_metadata="${base}/\\.well-known/oauth-protected-resource(/mcp)?"`));
    if (sent) assert.match(challenge, /error="invalid_token"/);
    else assert.doesNotMatch(challenge, /error=/, 'RFC 6750 section 3.1: no error where no token was sent');
  };

  rows([
    ...['POST', 'GET', 'DELETE'].map((method) => [`G-03, RS-03: ${method} without a token is challenged`, async () => {
      await challenged(await send(base, { method, body: method === 'POST' ? list() : undefined }), { sent: false });
    }]),
    ['G-03: without a token a session id says nothing about itself', async () => {
      const real = await send(base, { session: session.id, body: list() });
      const madeUp = await send(base, { session: 'made-up', body: list() });
      assert.deepEqual([real.status, await real.text()], [madeUp.status, await madeUp.text()]);
      assert.equal(real.status, 401);
    }],
    ['RS-03: a scope is suggested and `offline_access` is not (RS-08)', async () => {
      const answer = await send(base, { body: list() });
      answer.close();
      assert.match(answer.header('www-authenticate'), /scope="[^"]+"/);
      assert.doesNotMatch(answer.header('www-authenticate'), /offline_access/);
    }],
    ...[
      ['a word', () => 'nonsense'],
      ['three words with dots', () => 'a.b.c'],
      ['a token that was cut short', () => alice.token.slice(0, -4)],
      ['a token with one changed byte in its signature', () => {
        const cut = alice.token.lastIndexOf('.') + 3;
        return `${alice.token.slice(0, cut)}${alice.token[cut] === 'A' ? 'B' : 'A'}${alice.token.slice(cut + 1)}`;
      }],
      ['another user\'s claims under this signature', () => {
        const parts = alice.token.split('.');
        parts[1] = mallory.token.split('.')[1];
        return parts.join('.');
      }],
      ['a token without a signature (alg none)', () => forge(({ head, body, encode }) => `${encode({ ...head, alg: 'none' })}.${encode(body)}.`)],
      ['a token for another audience, signature kept', () => forge(({ head, body, signature, encode }) => `${encode(head)}.${encode({ ...body, aud: 'https://other.example/mcp' })}.${signature}`)],
      ['a later expiry, signature kept', () => forge(({ head, body, signature, encode }) => `${encode(head)}.${encode({ ...body, exp: body.exp + 100_000 })}.${signature}`)],
      ['a refresh token in place of an access token', () => alice.refreshToken],
      ['an authorization code in place of an access token', () => alice.code],
      ['a client id in place of an access token', () => alice.clientId],
    ].map(([what, token]) => [`RS-05: ${what} opens nothing`, async () => {
      await challenged(await send(base, { token: token(), body: initializeBody() }), { sent: true });
    }]),
    ['RS-04: a token in the query string opens nothing', async () => {
      const answer = await exchange(`${base}/mcp?access_token=${alice.token}`, {
        method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify(initializeBody()),
      });
      await statusOnly(answer, 401);
    }],
    ['RS-04: another scheme opens nothing', async () => {
      await statusOnly(await send(base, { body: initializeBody(), headers: { authorization: `Basic ${alice.token}` } }), 401);
    }],
    ['RFC 9110 section 11.1: the scheme is read in any case', async () => {
      await statusOnly(await inSession({ body: list(), headers: { authorization: `bearer ${alice.token}` } }), 200);
    }],
    ['SEC-08: a refusal does not repeat the token', async () => {
      const answer = await send(base, { token: `${alice.token}x`, body: list() });
      const everything = JSON.stringify(answer.headers) + (await answer.text());
      assert.ok(!everything.includes(alice.token.split('.')[2]));
    }],
  ]);
});

describe('cross-origin', () => {
  const readable = (answer) => {
    assert.ok([INSPECTOR, '*'].includes(answer.header('access-control-allow-origin')), `${answer.status}: ${JSON.stringify(answer.headers)}`);
    const exposed = (answer.header('access-control-expose-headers') ?? '').toLowerCase();
    for (const name of ['mcp-session-id', 'www-authenticate']) assert.ok(exposed.includes(name), `${answer.status} exposes ${exposed}`);
  };

  rows([
    ['§9 Q13: a preflight names what a browser client sends', async () => {
      const answer = await exchange(`${base}/mcp`, {
        method: 'OPTIONS',
        headers: { origin: INSPECTOR, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,mcp-protocol-version' },
      });
      assert.ok([200, 204].includes(answer.status), `${answer.status}`);
      const allowed = (answer.header('access-control-allow-headers') ?? '').toLowerCase();
      const wanted = ['authorization', 'content-type', 'accept', 'mcp-protocol-version', 'mcp-session-id', 'last-event-id', 'mcp-method', 'mcp-name'];
      assert.deepEqual(wanted.filter((name) => !allowed.includes(name)), []);
      const methods = answer.header('access-control-allow-methods') ?? '';
      for (const method of ['POST', 'GET', 'DELETE']) assert.ok(methods.includes(method), methods);
      assert.ok([INSPECTOR, '*'].includes(answer.header('access-control-allow-origin')));
    }],
    ...[
      [200, 'an answer', () => inSession({ body: list(), headers: { origin: INSPECTOR } })],
      [202, 'a notification', () => inSession({ body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 0 } }, headers: { origin: INSPECTOR } })],
      [400, 'a parse error', () => inSession({ body: '{', headers: { origin: INSPECTOR } })],
      [401, 'a challenge on POST', () => send(base, { body: list(), headers: { origin: INSPECTOR } })],
      [401, 'a challenge on GET', () => send(base, { method: 'GET', headers: { origin: INSPECTOR } })],
      [404, 'an unknown session', () => inSession({ session: 'made-up', body: list(), headers: { origin: INSPECTOR } })],
      [405, 'a wrong verb', () => inSession({ method: 'PUT', body: list(), headers: { origin: INSPECTOR } })],
      [406, 'a wrong accept', () => inSession({ body: list(), headers: { origin: INSPECTOR, accept: 'text/html' } })],
      [413, 'a body that is too large', () => inSession({ body: JSON.stringify(call({ name: 'echo', arguments: { text: 'x'.repeat(TOO_LARGE_BYTES) } })), headers: { origin: INSPECTOR } })],
      [415, 'a wrong content type', () => inSession({ body: list(), headers: { origin: INSPECTOR, 'content-type': 'text/plain' } })],
    ].map(([status, what, run]) => [`§9 Q13: ${what} (${status}) can be read by a page`, async () => {
      const answer = await run();
      await statusOnly(answer, status);
      readable(answer);
    }]),
    ...['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
      .map((path) => [`${path} can be read by a page`, async () => {
        const answer = await exchange(`${base}${path}`, { headers: { origin: INSPECTOR } });
        await statusOnly(answer, 200);
        assert.ok([INSPECTOR, '*'].includes(answer.header('access-control-allow-origin')));
      }]),
    ['/register and /token can be used by a page, also when they refuse', async () => {
      for (const path of ['/register', '/token']) {
        const preflight = await exchange(`${base}${path}`, { method: 'OPTIONS', headers: { origin: INSPECTOR, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });
        preflight.close();
        assert.ok([200, 204].includes(preflight.status), `${path}: ${preflight.status}`);
        const answer = await exchange(`${base}${path}`, { method: 'POST', headers: { origin: INSPECTOR, 'content-type': 'application/json' }, body: '{' });
        await statusOnly(answer, 400);
        assert.ok([INSPECTOR, '*'].includes(answer.header('access-control-allow-origin')), path);
      }
    }],
    ['§9 Q13: each answer to a stateless page can be read, also of one who is known', async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        const { status, headers } = await modern(base, alice.token, 'tools/list', {}, { headers: { origin: INSPECTOR } });
        assert.deepEqual([status, headers['access-control-allow-origin']], [200, '*']);
      }
    }],
    ['who is no page is told nothing for pages', async () => {
      for (const [status, run] of [[200, () => inSession({ body: list() })], [401, () => send(base, { body: list() })]]) {
        const answer = await run();
        await statusOnly(answer, status);
        assert.equal(answer.header('access-control-allow-origin'), undefined);
      }
      for (let turn = 0; turn < 3; turn += 1) {
        const { status, headers } = await modern(base, alice.token, 'tools/list');
        assert.deepEqual([status, headers['access-control-allow-origin']], [200, undefined]);
      }
    }],
    ['a document can be read by a page that finds it kept for somebody else', async () => {
      const answer = await exchange(`${base}/.well-known/oauth-protected-resource/mcp`);
      await statusOnly(answer, 200);
      assert.equal(answer.header('access-control-allow-origin'), '*');
    }],
    ['a stranger\'s page gets no leave to read', async () => {
      const answer = await inSession({ body: list(), headers: { origin: STRANGER } });
      answer.close();
      assert.equal(answer.header('access-control-allow-origin'), undefined);
    }],
  ]);
});
