// A session over HTTP on the real runtime: handshake, tools, its end.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { initializeBody, LATEST_WITH_SESSIONS, MODERN, nextId, replyOf, send, Session, textOf } from '../support/mcp.mjs';

const limit = { timeout: 60_000 };

const { base, alice } = await serve({ people: ['alice'] });

describe('handshake', limit, () => {
  for (const [asked, answered] of [
    ['2025-11-25', '2025-11-25'], ['2025-06-18', '2025-06-18'], ['2025-03-26', '2025-03-26'],
    [MODERN, LATEST_WITH_SESSIONS], ['1999-01-01', LATEST_WITH_SESSIONS], ['nonsense', LATEST_WITH_SESSIONS],
  ]) {
    test(`L-INIT-02, ERA-03: who asks for ${asked} gets ${answered}`, async () => {
      const answer = await send(base, { token: alice.token, body: initializeBody(asked) });
      const { result } = await replyOf(answer);
      assert.equal(answer.status, 200);
      assert.equal(result.protocolVersion, answered);
      assert.ok(result.capabilities.tools, 'L-INIT-03');
      assert.ok(result.serverInfo.name);
      assert.equal(result.resultType, undefined, 'L-GATE-02');
      assert.equal(result.capabilities.extensions, undefined, 'L-GATE-02');
      assert.ok(answer.header('mcp-session-id'), 'L-SESS-01');
    });
  }

  test('P11: the version header does not change what initialize negotiates', async () => {
    const answer = await send(base, { token: alice.token, version: '2025-03-26', body: initializeBody('2025-06-18') });
    assert.equal((await replyOf(answer)).result.protocolVersion, '2025-06-18');
  });

  test('L-SESS-01: no later answer mints a session id', async () => {
    const session = await Session.open(base, alice.token);
    const { headers } = await session.request('tools/list');
    assert.ok([undefined, session.id].includes(headers['mcp-session-id']));
  });

  test('L-SESS-02: two sessions of one user have different ids that share nothing readable', async () => {
    const [one, other] = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    assert.notEqual(one.id, other.id);
    for (const { id } of [one, other]) assert.ok(!id.includes(alice.user));
  });

  test('L-PING-01: ping is answered, also before the client said that it is initialized', async () => {
    const answer = await send(base, { token: alice.token, body: initializeBody() });
    await replyOf(answer);
    const early = new Session(base, alice.token, answer.header('mcp-session-id'), { protocolVersion: LATEST_WITH_SESSIONS });
    assert.deepEqual((await early.request('ping')).result, {});
  });
});

describe('tools', limit, () => {
  test('the list names the demo tools, each with a schema, the same for every session', async () => {
    const [one, other] = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    const lists = await Promise.all([one, other].map(async (session) => (await session.request('tools/list', {})).result));
    assert.deepEqual(lists[0], lists[1]);
    const names = lists[0].tools.map(({ name }) => name);
    for (const wanted of ['echo', 'count', 'progress', 'ask', 'whoami']) assert.ok(names.includes(wanted), names.join(', '));
    for (const tool of lists[0].tools) {
      assert.equal(tool.inputSchema.type, 'object', tool.name);
      assert.ok(tool.description, tool.name);
    }
    assert.equal(lists[0].ttlMs, undefined, 'L-GATE-02');
  });

  for (const text of ['hello', '', 'ünïcödé 🪸', 'a "quoted"\nline\u2028and\u0000 more', 'x'.repeat(100_000)]) {
    test(`echo returns ${JSON.stringify(text.slice(0, 24))} unchanged`, async () => {
      const session = await Session.open(base, alice.token);
      assert.equal(await session.call('echo', { text }), text);
    });
  }

  test('L-HTTP-01: a plain call is answered as JSON, not as a stream', async () => {
    const session = await Session.open(base, alice.token);
    const { headers } = await session.request('tools/call', { name: 'echo', arguments: { text: 'x' } });
    assert.match(headers['content-type'], /^application\/json/);
  });

  test('whoami names provider, subject, client, scopes and session', async () => {
    const session = await Session.open(base, alice.token);
    const text = await session.call('whoami');
    assert.ok(text.includes('dev'), text);
    assert.ok(text.includes(alice.user), text);
  });

  test('the counters of two sessions are separate', async () => {
    const [one, other] = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    assert.equal(await one.call('count'), '1');
    assert.equal(await one.call('count'), '2');
    assert.equal(await other.call('count'), '1');
    assert.equal(await one.call('count'), '3');
  });

  test('ten counts at the same moment give ten different numbers', async () => {
    const session = await Session.open(base, alice.token);
    const numbers = await Promise.all(Array.from({ length: 10 }, () => session.call('count')));
    assert.deepEqual(numbers.map(Number).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('state that the house adds to a call never reaches the client', async () => {
    const session = await Session.open(base, alice.token);
    await session.call('count');
    const { result } = await session.request('tools/call', { name: 'count', arguments: {} });
    assert.ok(!JSON.stringify(result._meta ?? {}).includes('sessile'), JSON.stringify(result));
  });

  test('a client cannot set the session\'s state, or who it is, through _meta', async () => {
    const session = await Session.open(base, alice.token);
    await session.call('count');
    const forged = {
      'sessile/state': 41, 'sessile/handle': 'made-up', 'sessile/principal': { provider: 'dev', issuer: 'dev', subject: 'root', client: 'x', scopes: [] },
    };
    assert.equal(textOf(await session.request('tools/call', { name: 'count', arguments: {}, _meta: forged })), '2');
    const whoami = textOf(await session.request('tools/call', { name: 'whoami', arguments: {}, _meta: forged }));
    assert.ok(whoami.includes(alice.user) && !whoami.includes('root'), whoami);
  });

  test('L-SESS-07: an id that is still in flight is not used twice', async () => {
    const session = await Session.open(base, alice.token);
    const body = { jsonrpc: '2.0', id: nextId(), method: 'tools/call', params: { name: 'progress', arguments: { steps: 3, delay_ms: 700 }, _meta: { progressToken: 'p' } } };
    const first = await session.send(body);
    const second = await replyOf(await session.send({ ...body, params: { name: 'echo', arguments: { text: 'x' } } }), body.id);
    assert.equal(second.error?.code, -32600, JSON.stringify(second));
    assert.ok((await replyOf(first, body.id)).result);
  });
});

describe('the end', limit, () => {
  test('R8, L-SESS-04, L-SESS-05: DELETE ends a session; everything after it is 404', async () => {
    const session = await Session.open(base, alice.token);
    await session.call('count');
    assert.equal((await session.end()).status, 204);
    assert.equal((await session.send({ jsonrpc: '2.0', id: nextId(), method: 'ping' })).status, 404);
    assert.equal((await session.end()).status, 404);
  });

  test('R8: DELETE stops the work in flight', async () => {
    const session = await Session.open(base, alice.token);
    const stream = await session.stream('tools/call', { name: 'progress', arguments: { steps: 100, delay_ms: 100 }, _meta: { progressToken: 'p' } });
    await stream.nextMessage();
    await session.end();
    assert.ok((await stream.rest()).length < 20);
  });

  test('a session\'s end leaves the user\'s other sessions alone', async () => {
    const [one, other] = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    await other.call('count');
    await one.end();
    assert.equal(await other.call('count'), '2');
  });
});
