// Bad input at the MCP endpoint, behind a good token: session ids, the era decision, what a session refuses.
// Each row says what is sent and the exact answer it must get; ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { initializeBody, LATEST_WITH_SESSIONS, MODERN, nextId, replyOf, send, Session } from '../support/mcp.mjs';
import { refusedWith, rows, statusOnly } from '../support/refusals.mjs';

const { base, alice, mallory } = await serve({ people: ['alice', 'mallory'] });
const session = await Session.open(base, alice.token);

const call = (params = { name: 'echo', arguments: { text: 'x' } }) => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params });
const list = () => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/list' });
const inSession = (options) => send(base, { token: alice.token, session: session.id, version: LATEST_WITH_SESSIONS, ...options });

describe('somebody whose messages went through before', () => {
  rows([
    ['go through', async () => {
      for (let turn = 0; turn < 3; turn += 1) await statusOnly(await inSession({ body: call() }), 200);
    }],
    ...[
      ['G-03: without the token', 401, { token: undefined }],
      ['P15: with another user\'s token', 404, { token: mallory.token }],
      ['G-01: from a page of another origin', 403, { headers: { origin: 'https://elsewhere.example' } }],
      ['G-04: with something that is not JSON', 415, { headers: { 'content-type': 'text/plain' } }],
      ['G-04: who cannot read the answers', 406, { headers: { accept: 'text/html' } }],
      ['in a revision that there is not', 400, { version: '1999-01-01' }],
    ].map(([what, status, options]) => [`${what} is ${status} nevertheless`, async () => {
      await statusOnly(await inSession({ body: call(), ...options }), status);
    }]),
    ['P15: is 404 when the session has ended', async () => {
      const short = await Session.open(base, alice.token);
      for (let turn = 0; turn < 3; turn += 1) assert.equal(await short.call('echo', { text: 'x' }), 'x');
      assert.ok((await short.end()).status < 300);
      const { status, error } = await short.request('tools/list', {});
      assert.deepEqual([status, error.code], [404, -32600]);
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
        // L-SESS-04; and with another user's id L-SESS-06, SEC-01 and SEC-02.
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
    ['P15, L-SESS-04: an ended session is 404 on every verb, and stays it', async () => {
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
    ['P12, L-HTTP-03: a version nobody knows is refused, and the modern side shows itself', async () => {
      const body = list();
      const error = await refusedWith(await inSession({ version: '1999-01-01', body }), 400, -32022, body.id);
      assert.ok(error.data.supported.includes(MODERN));
    }],
    ...['server/discover', 'subscriptions/listen'].map((method) => [`P13: ${method} without the modern header is refused`, async () => {
      const body = { jsonrpc: '2.0', id: nextId(), method, params: {} };
      await refusedWith(await send(base, { token: alice.token, body }), 400, -32602, body.id);
    }]),
    ['P14, L-SESS-03: without a session a request is told that it needs one', async () => {
      const body = list();
      await refusedWith(await send(base, { token: alice.token, version: LATEST_WITH_SESSIONS, body }), 400, -32600, body.id);
      await refusedWith(await send(base, { token: alice.token, body }), 400, -32600, body.id);
    }],
    ['P16: a session is not initialized twice', async () => {
      const body = initializeBody();
      await refusedWith(await inSession({ body }), 400, -32600, body.id);
    }],
    ['P17, L-HTTP-03: without a version header the negotiated revision holds', async () => {
      await statusOnly(await inSession({ version: undefined, body: list() }), 200);
    }],
    ['P18, ERA-06: an unknown method in a session is HTTP 200 with -32601', async () => {
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
    ['N5, L-HTTP-01: a response that answers nothing is dropped', async () => {
      const answer = await inSession({ body: { jsonrpc: '2.0', id: 'nobody-asked', result: {} } });
      assert.equal(answer.status, 202);
      assert.equal(await answer.text(), '');
    }],
    ['L-CANC-01: cancelling what is not there is accepted and does nothing', async () => {
      for (const params of [{ requestId: 'nobody-asked' }, {}, undefined]) {
        await statusOnly(await inSession({ body: { jsonrpc: '2.0', method: 'notifications/cancelled', params } }), 202);
      }
    }],
    ['N8, L-HTTP-02: an array is refused since 2025-06-18', async () => {
      await refusedWith(await inSession({ body: [list(), list()] }), 400, -32600, undefined);
    }],
    ['N8: an array is refused without a session', async () => {
      await refusedWith(await send(base, { token: alice.token, body: [initializeBody()] }), 400, -32600, undefined);
    }],
    ['N8, M-HTTP-01: an array is refused by the modern side', async () => {
      await refusedWith(await send(base, { token: alice.token, version: MODERN, headers: { 'mcp-method': 'tools/list' }, body: [list()] }), 400, -32600, undefined);
    }],
    ['N8: an empty array is refused', async () => {
      await refusedWith(await inSession({ body: [] }), 400, -32600, undefined);
    }],
    ['R1, M-HTTP-01: GET and DELETE do not exist for a modern client', async () => {
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
    ['R7, L-SESS-03, §9 Q3: GET and DELETE without a session are refused', async () => {
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
    ['L-TOOL-01, ERA-06: an unknown tool is -32602', async () => {
      const body = call({ name: 'no-such-tool', arguments: {} });
      await refusedWith(await inSession({ body }), 200, -32602, body.id);
    }],
    ['L-TOOL-01: a call without a name is -32602', async () => {
      const body = call({ arguments: {} });
      await refusedWith(await inSession({ body }), 200, -32602, body.id);
    }],
    ...[['a missing argument', {}], ['an argument of the wrong type', { text: 7 }]].map(([what, args]) => [`L-TOOL-01, SEC-07: ${what} is a tool's own error`, async () => {
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
