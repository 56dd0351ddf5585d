// One user, one token, both eras at once: what they share, and what they do not. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { handleIn, initializeBody, LATEST_WITH_SESSIONS, MODERN, modern, nextId, replyOf, send, Session, textOf } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

const { base, alice, mallory } = await serve({ people: ['alice', 'mallory'] });

const call = (who, name, args, options) => modern(base, who.token, 'tools/call', { name, arguments: args }, options);

describe('both eras at once', together, () => {
  test('ERA-02, M-STATE-01: a handle is the same in both, whichever minted it; the session\'s own counter is another', async () => {
    const session = await Session.open(base, alice.token);
    for (const words of [textOf(await call(alice, 'count_start', {})), await session.call('count_start')]) {
      const handle = handleIn(words);
      assert.equal(textOf(await call(alice, 'count', { handle })), '1');
      assert.equal(await session.call('count', { handle }), '2');
      assert.equal(textOf(await call(alice, 'count', { handle })), '3');
    }
    assert.equal(await session.call('count'), '1');
  });

  test('ERA-02: twenty counts from both eras on one handle at the same moment give twenty different numbers', async () => {
    const session = await Session.open(base, alice.token);
    const handle = handleIn(await session.call('count_start'));
    const counts = Array.from({ length: 20 }, async (_, n) => Number(n % 2 ? await session.call('count', { handle }) : textOf(await call(alice, 'count', { handle }))));
    assert.deepEqual((await Promise.all(counts)).sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => n + 1));
  });

  test('SEC-01, M-STATE-02: another user\'s handle is refused in both, in the same words', async () => {
    const handle = handleIn(textOf(await call(alice, 'count_start', {})));
    const session = await Session.open(base, mallory.token);
    const [stateless, inSession] = [await call(mallory, 'count', { handle }), await session.request('tools/call', { name: 'count', arguments: { handle } })];
    assert.equal(stateless.result.isError, true);
    assert.deepEqual(inSession.result.content, stateless.result.content);
    assert.equal(textOf(await call(alice, 'count', { handle })), '1', 'it did not count');
  });

  test('ERA-01, M-META-02: requests of both eras that alternate with one session id are each served in their own', async () => {
    const session = await Session.open(base, alice.token);
    for (let n = 1; n <= 3; n += 1) {
      assert.equal(await session.call('count'), String(n));
      const stateless = await call(alice, 'count', {}, { headers: { 'mcp-session-id': session.id } });
      assert.equal(stateless.result.isError, true, 'without a handle there is no counter, session or not');
      assert.equal(stateless.headers['mcp-session-id'], undefined);
      const list = await session.request('tools/list', {});
      assert.equal(list.result.resultType, undefined);
    }
  });

  test('ERA-02: the end of the session ends nothing of the stateless side', async () => {
    const session = await Session.open(base, alice.token);
    const handle = handleIn(await session.call('count_start'));
    await session.call('count', { handle });
    await session.end();
    assert.equal(textOf(await call(alice, 'count', { handle }, { headers: { 'mcp-session-id': session.id } })), '2');
  });
});

describe('the handshake', together, () => {
  for (const version of [undefined, LATEST_WITH_SESSIONS, MODERN]) {
    test(`ERA-03, P11: asking for ${MODERN} with ${version ?? 'no'} version header opens a session of ${LATEST_WITH_SESSIONS}`, async () => {
      const body = initializeBody(MODERN);
      const answer = await send(base, { token: alice.token, version, body });
      const { result } = await replyOf(answer, body.id);
      assert.deepEqual([answer.status, result?.protocolVersion], [200, LATEST_WITH_SESSIONS]);
      const session = new Session(base, alice.token, answer.header('mcp-session-id'), result);
      assert.equal(await session.call('count'), '1');
    });
  }

  test('P9, ERA-03: with the metadata of a stateless client it does not exist', async () => {
    const { params } = initializeBody(MODERN);
    const { status, error, id, sentId } = await modern(base, alice.token, 'initialize', params);
    assert.deepEqual([status, error?.code, id], [404, -32601, sentId]);
  });
});

describe('methods that one era lacks', together, () => {
  for (const method of ['server/discover', 'subscriptions/listen', 'no/such', 'tasks/update', 'tools', 'TOOLS/LIST', 'initialized', 'rpc.discover']) {
    test(`P18: ${method} in a session is -32601 in HTTP 200, and the session goes on`, async () => {
      const session = await Session.open(base, alice.token);
      const reply = await session.request(method, { notifications: {} });
      assert.deepEqual([reply.status, reply.error?.code], [200, -32601], JSON.stringify(reply));
      assert.deepEqual((await session.request('ping')).result, {});
    });
  }
  // The demo tools have neither prompts nor resources.
  for (const method of [
    'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'prompts/list', 'prompts/get', 'resources/list', 'resources/templates/list',
    'resources/read', 'completion/complete', 'tasks/result', 'tasks/list', 'no/such', 'TOOLS/LIST', 'sampling/createMessage', 'roots/list',
  ]) {
    test(`P9, M-CAP-02, M-ERR-01: ${method} of a stateless client is -32601 in HTTP 404, with its id`, async () => {
      const { status, error, id, sentId } = await modern(base, alice.token, method, { name: 'x', uri: 'x:y' });
      assert.deepEqual([status, error?.code, id], [404, -32601, sentId], JSON.stringify(error));
    });
  }
  for (const method of ['prompts/list', 'resources/list', 'resources/subscribe', 'completion/complete']) {
    test(`L-INIT-05, L-RES-01: ${method} in a session that was not told of the feature is -32601`, async () => {
      const session = await Session.open(base, alice.token);
      const { error } = await session.request(method, { uri: 'x:y', ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } });
      assert.equal(error?.code, -32601);
    });
  }
});

describe('errors', together, () => {
  test('ERA-06, L-GATE-02: an unknown tool is the same in both eras', async () => {
    const session = await Session.open(base, alice.token);
    const [stateless, inSession] = [await call(alice, 'no-such-tool', {}), await session.request('tools/call', { name: 'no-such-tool', arguments: {} })];
    assert.deepEqual([stateless.status, inSession.status], [200, 200]);
    assert.deepEqual(inSession.error, stateless.error);
    assert.equal(stateless.error.code, -32602);
  });

  test('§9 Q10: a stateless header that comes twice is malformed', async () => {
    const name = { name: 'echo', arguments: { text: 'x' } };
    for (const header of ['mcp-method', 'mcp-name']) {
      const value = header === 'mcp-method' ? 'tools/call' : 'echo';
      const { status, error } = await modern(base, alice.token, 'tools/call', name, { headers: { [header]: [value, value] } });
      assert.deepEqual([status, error?.code], [400, -32020], header);
    }
    const { status } = await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': [MODERN, MODERN] } });
    assert.equal(status, 400);
  });

  test('N1: a notification that nobody knows is accepted in a session, and nothing comes of it', async () => {
    const session = await Session.open(base, alice.token);
    for (const method of ['notifications/no-such', 'notifications/roots/list_changed', 'notifications/progress']) {
      const answer = await session.send({ jsonrpc: '2.0', method, params: { progressToken: 1 } });
      assert.deepEqual([answer.status, await answer.text()], [202, '']);
    }
    assert.deepEqual((await replyOf(await session.send({ jsonrpc: '2.0', id: nextId(), method: 'ping' }))).result, {});
  });
});
