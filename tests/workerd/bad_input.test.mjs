// Bad input at the MCP endpoint, as a table: what is sent, and the exact answer it must get.
// The ids in the names are rows of the protocol checklist (docs/conformance.md).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import {
  CAPABILITIES_KEY, initializeBody, LATEST_WITH_SESSIONS, MODERN, modern, nextId, replyOf, send, Session, VERSION_KEY,
} from '../support/mcp.mjs';
import { sharedServer } from '../support/server.mjs';

/** A page's origin that a server on loopback has no reason to trust. */
const STRANGER = 'https://evil.example';
/** Where MCP Inspector's pages live by default. */
const INSPECTOR = 'http://localhost:6274';
/** More than any limit on a message that a Worker could hold, in bytes. */
const TOO_LARGE_BYTES = 12_000_000;

let server;
let base;
let alice;
let mallory;
let session;

before(async () => {
  server = await sharedServer();
  base = server.url;
  [alice, mallory] = await Promise.all([logIn(base), logIn(base)]);
  session = await Session.open(base, alice.token);
}, { timeout: 300_000 });

after(() => server?.stop());

const call = (params = { name: 'echo', arguments: { text: 'x' } }) => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params });
const list = () => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/list' });
const inSession = (options) => send(base, { token: alice.token, session: session.id, version: LATEST_WITH_SESSIONS, ...options });

/** Exactly this status, and a JSON-RPC error with this code and id. `id: undefined` means that none may be there. */
async function refusedWith(answer, status, code, id) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  const body = JSON.parse(text);
  assert.equal(body.jsonrpc, '2.0');
  assert.equal(body.error?.code, code, text);
  assert.equal(typeof body.error.message, 'string');
  assert.notEqual(body.error.message, '', 'an error says what is wrong');
  if (id === undefined) assert.ok(!('id' in body), `MCP forbids a null id; leave it out: ${text}`);
  else assert.equal(body.id, id);
  return body.error;
}

async function statusOnly(answer, status) {
  assert.equal(answer.status, status, await answer.text());
}

/** Turns `[name, run]` rows into tests. */
function rows(table) {
  for (const [name, run] of table) test(name, { timeout: 30_000 }, run);
}

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
      const answer = await inSession({ body: list(), headers: { host: `${new URL(base).host}.evil.example` } });
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
    ['G-05: nesting deep enough to break a parser is refused, and the server lives', async () => {
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const answer = await inSession({ body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":${deep}}}}` });
      assert.equal(answer.status, 400, await answer.text());
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
    ...['POST', 'GET', 'DELETE'].map((method) => [`RS-03: ${method} without a token is challenged`, async () => {
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
    ['a stranger\'s page gets no leave to read', async () => {
      const answer = await inSession({ body: list(), headers: { origin: STRANGER } });
      answer.close();
      assert.equal(answer.header('access-control-allow-origin'), undefined);
    }],
  ]);
});

describe('session ids', () => {
  const altered = () => `${session.id.slice(0, -1)}${session.id.endsWith('A') ? 'B' : 'A'}`;
  const alteredFront = () => `${session.id.startsWith('A') ? 'B' : 'A'}${session.id.slice(1)}`;

  rows([
    ['L-SESS-02: a session id is visible ASCII and long enough not to be guessed', async () => {
      assert.match(session.id, /^[\x21-\x7e]{22,}$/);
    }],
    ...[
      ['made up', () => 'made-up', () => alice],
      ['altered at its end', altered, () => alice],
      ['altered at its beginning', alteredFront, () => alice],
      ['very long', () => 'x'.repeat(4_000), () => alice],
      ['another user\'s', () => session.id, () => mallory],
    ].flatMap(([what, id, who]) => ['POST', 'GET', 'DELETE'].map((method) => [
      `${method === 'POST' ? 'P15' : 'R5'}: ${method} with a session id that is ${what} is 404`, async () => {
        const answer = await send(base, { method, token: who().token, session: id(), version: LATEST_WITH_SESSIONS, body: method === 'POST' ? list() : undefined });
        await statusOnly(answer, 404);
      },
    ])),
    ['P15: a foreign session and an unknown one get the same answer', async () => {
      const body = list();
      const foreign = await send(base, { token: mallory.token, session: session.id, version: LATEST_WITH_SESSIONS, body });
      const unknown = await send(base, { token: mallory.token, session: altered(), version: LATEST_WITH_SESSIONS, body });
      assert.deepEqual([foreign.status, await foreign.text()], [unknown.status, await unknown.text()]);
    }],
    ['R5: a stranger\'s DELETE did not end the session', async () => {
      await statusOnly(await inSession({ body: list() }), 200);
    }],
    ['P15: an ended session is 404 on every verb, and stays it', async () => {
      const short = await Session.open(base, alice.token);
      assert.ok((await short.end()).status < 300);
      for (const method of ['POST', 'GET', 'DELETE', 'POST']) {
        const answer = await short.send(method === 'POST' ? list() : undefined, { method, headers: { accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream' } });
        await statusOnly(answer, 404);
      }
    }],
    ['P15: `initialize` with a session id that is not alive is 404', async () => {
      await statusOnly(await send(base, { token: alice.token, session: 'made-up', body: initializeBody() }), 404);
    }],
    ['N4: a notification or a response to a dead session is 404', async () => {
      for (const body of [{ jsonrpc: '2.0', method: 'notifications/initialized' }, { jsonrpc: '2.0', id: 1, result: {} }]) {
        await statusOnly(await inSession({ session: 'made-up', body }), 404);
      }
    }],
    ['§9 Q10: two session ids in one header are not taken for one', async () => {
      const answer = await inSession({ session: `${session.id}, ${session.id}`, body: list() });
      assert.ok([400, 404].includes(answer.status), `${answer.status} ${await answer.text()}`);
    }],
  ]);
});

describe('the era and its sessions', () => {
  rows([
    ['P12: a version nobody knows is refused, and the modern side shows itself', async () => {
      const body = list();
      const error = await refusedWith(await inSession({ version: '1999-01-01', body }), 400, -32022, body.id);
      assert.ok(error.data.supported.includes(MODERN));
    }],
    ...['server/discover', 'subscriptions/listen'].map((method) => [`P13: ${method} without the modern header is refused`, async () => {
      const body = { jsonrpc: '2.0', id: nextId(), method, params: {} };
      await refusedWith(await send(base, { token: alice.token, body }), 400, -32602, body.id);
    }]),
    ['P14: without a session a request is told that it needs one', async () => {
      const body = list();
      await refusedWith(await send(base, { token: alice.token, version: LATEST_WITH_SESSIONS, body }), 400, -32600, body.id);
      await refusedWith(await send(base, { token: alice.token, body }), 400, -32600, body.id);
    }],
    ['P16: a session is not initialized twice', async () => {
      const body = initializeBody();
      await refusedWith(await inSession({ body }), 400, -32600, body.id);
    }],
    ['P17: without a version header the negotiated revision holds', async () => {
      await statusOnly(await inSession({ version: undefined, body: list() }), 200);
    }],
    ['P18: an unknown method in a session is HTTP 200 with -32601', async () => {
      const body = { jsonrpc: '2.0', id: nextId(), method: 'no/such', params: {} };
      await refusedWith(await inSession({ body }), 200, -32601, body.id);
    }],
    ['P19: another revision than the negotiated one changes nothing', async () => {
      await statusOnly(await inSession({ version: '2025-06-18', body: list() }), 200);
    }],
    ['N3: a notification without a session is refused', async () => {
      await statusOnly(await send(base, { token: alice.token, version: LATEST_WITH_SESSIONS, body: { jsonrpc: '2.0', method: 'notifications/initialized' } }), 400);
    }],
    ['N3: a response without a session is refused', async () => {
      await statusOnly(await send(base, { token: alice.token, version: LATEST_WITH_SESSIONS, body: { jsonrpc: '2.0', id: 1, result: {} } }), 400);
    }],
    ['N5: a response that answers nothing is dropped', async () => {
      const answer = await inSession({ body: { jsonrpc: '2.0', id: 'nobody-asked', result: {} } });
      assert.equal(answer.status, 202);
      assert.equal(await answer.text(), '');
    }],
    ['L-CANC-01: cancelling what is not there is accepted and does nothing', async () => {
      for (const params of [{ requestId: 'nobody-asked' }, {}, undefined]) {
        await statusOnly(await inSession({ body: { jsonrpc: '2.0', method: 'notifications/cancelled', params } }), 202);
      }
    }],
    ['N8: an array is refused since 2025-06-18', async () => {
      await refusedWith(await inSession({ body: [list(), list()] }), 400, -32600, undefined);
    }],
    ['N8: an array is refused without a session', async () => {
      await refusedWith(await send(base, { token: alice.token, body: [initializeBody()] }), 400, -32600, undefined);
    }],
    ['N8: an array is refused by the modern side', async () => {
      await refusedWith(await send(base, { token: alice.token, version: MODERN, headers: { 'mcp-method': 'tools/list' }, body: [list()] }), 400, -32600, undefined);
    }],
    ['N8: an empty array is refused', async () => {
      await refusedWith(await inSession({ body: [] }), 400, -32600, undefined);
    }],
    ['R1: GET and DELETE do not exist for a modern client', async () => {
      for (const method of ['GET', 'DELETE']) {
        const answer = await inSession({ method, version: MODERN });
        await statusOnly(answer, 405);
        assert.equal(answer.header('allow'), 'POST');
      }
    }],
    ['R1: GET and DELETE with a version nobody knows are refused', async () => {
      for (const method of ['GET', 'DELETE']) await statusOnly(await inSession({ method, version: '1999-01-01' }), 400);
    }],
    ['R2: a GET that does not want a stream is refused', async () => {
      await statusOnly(await inSession({ method: 'GET', headers: { accept: 'application/json' } }), 406);
    }],
    ['R7: GET and DELETE without a session are refused', async () => {
      for (const method of ['GET', 'DELETE']) await statusOnly(await send(base, { method, token: alice.token, version: LATEST_WITH_SESSIONS }), 400);
    }],
    ...['protocolVersion', 'capabilities', 'clientInfo'].map((field) => [`L-INIT-01: initialize without ${field} is refused and makes no session`, async () => {
      const body = initializeBody();
      delete body.params[field];
      const answer = await send(base, { token: alice.token, body });
      const reply = await answer.json();
      assert.equal(reply.error?.code, -32602, JSON.stringify(reply));
      assert.equal(reply.id, body.id);
      assert.equal(answer.header('mcp-session-id'), undefined);
    }]),
    ['L-INIT-01: initialize without params is refused', async () => {
      const answer = await send(base, { token: alice.token, body: { jsonrpc: '2.0', id: nextId(), method: 'initialize' } });
      assert.equal((await answer.json()).error?.code, -32602);
    }],
    ['L-TOOL-01: an unknown tool is -32602', async () => {
      const body = call({ name: 'no-such-tool', arguments: {} });
      await refusedWith(await inSession({ body }), 200, -32602, body.id);
    }],
    ['L-TOOL-01: a call without a name is -32602', async () => {
      const body = call({ arguments: {} });
      await refusedWith(await inSession({ body }), 200, -32602, body.id);
    }],
    ...[['a missing argument', {}], ['an argument of the wrong type', { text: 7 }]].map(([what, args]) => [`L-TOOL-01: ${what} is a tool's own error`, async () => {
      const body = call({ name: 'echo', arguments: args });
      const reply = await replyOf(await inSession({ body }), body.id);
      assert.equal(reply.result?.isError, true, JSON.stringify(reply));
    }]),
    ['L-GATE-02: no modern error code appears inside a session', async () => {
      for (const body of [call({ name: 'no-such-tool' }), { jsonrpc: '2.0', id: nextId(), method: 'no/such' }]) {
        const { error } = await (await inSession({ body })).json();
        assert.ok(error.code > -32020 || error.code < -32022, `${error.code}`);
      }
    }],
  ]);
});

describe('stateless requests', () => {
  const refused = ({ status, error, id, sentId }, wantedStatus, code) => {
    assert.deepEqual([status, error?.code], [wantedStatus, code], JSON.stringify(error));
    assert.equal(id, sentId, 'M-ERR-01: the error carries the request\'s id');
    return error;
  };
  const withMeta = (change) => (body) => ({ ...body, params: { ...body.params, _meta: change({ ...body.params._meta }) } });
  const without = (key) => withMeta((meta) => {
    delete meta[key];
    return meta;
  });

  rows([
    ['P1: the version only in the body is a missing header', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': undefined } }), 400, -32020);
    }],
    ['P2: two versions that differ are a header fault', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': LATEST_WITH_SESSIONS } }), 400, -32020);
      refused(await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': '1999-01-01' } }), 400, -32020);
    }],
    ['P3, M-VER-01: a version nobody knows is refused with what we know', async () => {
      const error = refused(await modern(base, alice.token, 'tools/list', {}, {
        headers: { 'mcp-protocol-version': '2031-01-01' }, spoil: withMeta((meta) => ({ ...meta, [VERSION_KEY]: '2031-01-01' })),
      }), 400, -32022);
      assert.ok(error.data.supported.includes(MODERN));
      assert.equal(error.data.requested, '2031-01-01');
    }],
    ['P5: a revision that needs a session is not served without one', async () => {
      const error = refused(await modern(base, alice.token, 'tools/list', {}, {
        headers: { 'mcp-protocol-version': LATEST_WITH_SESSIONS }, spoil: withMeta((meta) => ({ ...meta, [VERSION_KEY]: LATEST_WITH_SESSIONS })),
      }), 400, -32022);
      assert.deepEqual(error.data.supported, [MODERN]);
    }],
    ['P6: no version in the body is a fault of the params, not of the headers', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: without(VERSION_KEY) }), 400, -32602);
    }],
    ['P6: no _meta at all is a fault of the params', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: (body) => ({ ...body, params: {} }) }), 400, -32602);
    }],
    ['P7: no client capabilities is a fault of the params', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: without(CAPABILITIES_KEY) }), 400, -32602);
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: withMeta((meta) => ({ ...meta, [CAPABILITIES_KEY]: [] })) }), 400, -32602);
    }],
    ['P7: a client that does not name itself is served', async () => {
      const reply = await modern(base, alice.token, 'tools/list', {}, { spoil: without('io.modelcontextprotocol/clientInfo') });
      assert.equal(reply.status, 200, JSON.stringify(reply.error));
    }],
    ...[
      ['without Mcp-Method', 'tools/list', {}, { 'mcp-method': undefined }],
      ['with another Mcp-Method', 'tools/list', {}, { 'mcp-method': 'tools/call' }],
      ['with Mcp-Method in another case', 'tools/list', {}, { 'mcp-method': 'TOOLS/LIST' }],
      ['without Mcp-Name', 'tools/call', { name: 'echo', arguments: { text: 'x' } }, { 'mcp-name': undefined }],
      ['with another Mcp-Name', 'tools/call', { name: 'echo', arguments: { text: 'x' } }, { 'mcp-name': 'whoami' }],
      ['with broken base64 in Mcp-Name', 'tools/call', { name: 'echo', arguments: { text: 'x' } }, { 'mcp-name': '=?base64?!!!?=' }],
    ].map(([what, method, params, headers]) => [`P8, M-HDR: a request ${what} is -32020`, async () => {
      refused(await modern(base, alice.token, method, params, { headers }), 400, -32020);
    }]),
    ['M-HDR-03: an encoded Mcp-Name is decoded before it is compared', async () => {
      const reply = await modern(base, alice.token, 'tools/call', { name: 'echo', arguments: { text: 'x' } }, {
        headers: { 'mcp-name': `=?base64?${Buffer.from('echo').toString('base64')}?=` },
      });
      assert.equal(reply.status, 200, JSON.stringify(reply.error));
    }],
    ...['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tasks/list', 'no/such', 'initialize']
      .map((method) => [`P9: ${method} does not exist there`, async () => {
        refused(await modern(base, alice.token, method, {}), 404, -32601);
      }]),
    ['P10: a session id is ignored and never answered', async () => {
      const reply = await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-session-id': 'made-up' } });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers['mcp-session-id'], undefined);
    }],
    ['N2: a notification is accepted without any further header', async () => {
      const answer = await send(base, { token: alice.token, version: MODERN, body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } } });
      await statusOnly(answer, 202);
    }],
    ['N6: a modern client sends no responses', async () => {
      await refusedWith(await send(base, { token: alice.token, version: MODERN, body: { jsonrpc: '2.0', id: 1, result: {} } }), 400, -32600, undefined);
    }],
    ['M-TOOL-01: an unknown tool is -32602 in HTTP 200 (ERA-06)', async () => {
      const reply = await modern(base, alice.token, 'tools/call', { name: 'no-such-tool', arguments: {} });
      refused(reply, 200, -32602);
    }],
    ['M-CAP-01: a tool that must ask needs a client that can be asked', async () => {
      const reply = await modern(base, alice.token, 'tools/call', { name: 'ask', arguments: { question: 'Why?' } });
      const error = refused(reply, 400, -32021);
      assert.ok('elicitation' in error.data.requiredCapabilities, JSON.stringify(error.data));
    }],
    ['M-STATE-02: a handle that nobody minted is a tool\'s own error', async () => {
      for (const handle of ['made-up', '', 'x'.repeat(4_000)]) {
        const reply = await modern(base, alice.token, 'tools/call', { name: 'count', arguments: { handle } });
        assert.equal(reply.result?.isError, true, `${handle.slice(0, 20)}: ${JSON.stringify(reply.error)}`);
      }
    }],
    ['M-MRTR-03: a request state that we did not seal is refused', async () => {
      const reply = await modern(base, alice.token, 'tools/call', {
        name: 'ask', arguments: { question: 'Why?' }, requestState: 'made-up', inputResponses: { question: { action: 'accept', content: {} } },
      }, { capabilities: { elicitation: {} } });
      assert.equal(reply.error?.code, -32602, JSON.stringify(reply.result));
    }],
  ]);
});
