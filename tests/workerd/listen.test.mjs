// `subscriptions/listen`: what others change, as stateless clients hear it. Ids are rows of the protocol checklist.
//
// Tests that change something run one after another: everybody shares the lists and the watched resource. That
// something does not come is shown by what comes next in its place. The 404 of a server where nothing can be
// listened to is tested natively: every tool Worker has tools.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { change as changeOn, heard, OWN, PROMPTS, TOOLS, updated, WATCHED } from '../support/changes.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { logIn } from '../support/login.mjs';
import { CAPABILITIES_KEY, MODERN, modern, modernStream, Session, VERSION_KEY } from '../support/mcp.mjs';
import { claims } from '../support/oauth.mjs';

const limit = { timeout: 60_000 };
const TAG = 'io.modelcontextprotocol/subscriptionId';

const [{ base, alice, mallory }, shortLived] = await Promise.all([
  serve({ example: 'conformance', people: ['alice', 'mallory'] }),
  serve({ example: 'conformance', vars: { ACCESS_TOKEN_SECONDS: 5 } }),
]);
const change = (what, who) => changeOn(base, what, who?.token);

/** A stream that is acknowledged, and what of the filter is honoured. */
async function listen(notifications, { who, id, at = base, headers } = {}) {
  const spoil = (body) => (id === undefined ? body : { ...body, id });
  const stream = await modernStream(at, who?.token, 'subscriptions/listen', { notifications }, { spoil, headers, ms: 60_000 });
  const event = await stream.next();
  assert.equal(event.message.method, 'notifications/subscriptions/acknowledged', 'M-SUB-01: the first message');
  assert.strictEqual(event.message.params._meta[TAG], stream.requestId, 'M-SUB-02');
  return Object.assign(stream, { honoured: event.message.params.notifications, first: event });
}

describe('the acknowledgement', { ...limit, concurrency: true }, () => {
  for (const [what, asked, honoured] of [
    ['everything', { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: [WATCHED] }],
    ['one kind', { promptsListChanged: true }],
    ['nothing', {}],
    ['what is false', { toolsListChanged: false, promptsListChanged: true }, { promptsListChanged: true }],
    ['what nobody knows', { toolsListChanged: true, weatherChanged: true }, { toolsListChanged: true }],
    ['a resource twice', { resourceSubscriptions: [WATCHED, WATCHED] }, { resourceSubscriptions: [WATCHED] }],
    ['a URI that is too long', { resourceSubscriptions: [`test://${'x'.repeat(3_000)}`] }, {}],
  ]) {
    test(`M-SUB-01, M-SUB-03: ${what} is acknowledged as what is honoured of it`, async () => {
      const stream = await listen(asked);
      assert.deepEqual(stream.honoured, honoured ?? asked);
      stream.close();
    });
  }

  for (const id of [7, '7', 'a text with ünïcödé']) {
    test(`M-SUB-02: every message carries ${JSON.stringify(id)}, as the type it has`, async () => {
      const stream = await listen({ promptsListChanged: true }, { id });
      await change('prompt');
      const { message } = await stream.nextMessage();
      assert.strictEqual(message.params._meta[TAG], id);
      stream.close();
    });
  }

  for (const [what, params] of [
    ['no filter', {}],
    ['a filter that is none', { notifications: 'all' }],
    ['a kind that is neither yes nor no', { notifications: { toolsListChanged: 'yes' } }],
    ['resources that are no list', { notifications: { resourceSubscriptions: WATCHED } }],
    ['more resources than anybody needs', { notifications: { resourceSubscriptions: Array.from({ length: 257 }, (_, n) => `test://${n}`) } }],
  ]) {
    test(`M-SUB-01: ${what} is -32602, and no stream`, async () => {
      const { status, error, id, sentId } = await modern(base, undefined, 'subscriptions/listen', params);
      assert.deepEqual([status, error?.code, id], [200, -32602, sentId], JSON.stringify(error));
    });
  }

  test('M-HTTP-02, M-HTTP-03: the stream has no event ids and no time to wait, and no proxy may hold it back', async () => {
    const answer = await exchange(`${base}/mcp`, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream', 'content-type': 'application/json', 'mcp-protocol-version': MODERN,
        'mcp-method': 'subscriptions/listen', 'last-event-id': '0-1-made-up',
      },
      body: JSON.stringify({
        jsonrpc: '2.0', id: 1, method: 'subscriptions/listen',
        params: { notifications: {}, _meta: { [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: {} } },
      }),
    });
    assert.ok(answer.isEventStream);
    assert.equal(answer.header('x-accel-buffering'), 'no');
    assert.equal(answer.header('mcp-session-id'), undefined);
    answer.close();
    const { first } = await listen({}).then((stream) => (stream.close(), stream));
    assert.deepEqual([first.id, first.retry], [undefined, undefined]);
  });
});

describe('listening', limit, () => {
  test('M-SUB-03: each kind comes to who asked for it, and to nobody else', async () => {
    const [tools, prompts, watched] = await Promise.all([
      listen({ toolsListChanged: true }), listen({ promptsListChanged: true }), listen({ resourceSubscriptions: [WATCHED, 'test://static-text'] }),
    ]);
    for (const what of ['tool', 'resource', 'prompt', 'own_resource', 'tool', 'resource', 'prompt']) await change(what);
    assert.deepEqual([await heard(tools), await heard(tools)], [TOOLS, TOOLS]);
    assert.deepEqual([await heard(prompts), await heard(prompts)], [PROMPTS, PROMPTS]);
    assert.deepEqual([await heard(watched), await heard(watched)], [updated(WATCHED), updated(WATCHED)]);
    for (const stream of [tools, prompts, watched]) stream.close();
  });

  test('M-SUB-03: resources that were not asked for do not come, also with the kind for their list', async () => {
    const stream = await listen({ resourcesListChanged: true, toolsListChanged: true, resourceSubscriptions: ['test://static-text', `${WATCHED}/below`] });
    await change('resource');
    await change('tool');
    assert.deepEqual(await heard(stream), TOOLS);
    stream.close();
  });

  test('M-SUB-04: two streams of one client, also with the same id, each have their own copy', async () => {
    const streams = await Promise.all([listen({ toolsListChanged: true }, { id: 'same' }), listen({ toolsListChanged: true }, { id: 'same' }), listen({ toolsListChanged: true })]);
    for (let n = 0; n < 2; n += 1) await change('tool');
    for (const stream of streams) {
      for (let n = 0; n < 2; n += 1) {
        const { message } = await stream.nextMessage();
        assert.equal(message.method, TOOLS.method);
        assert.strictEqual(message.params._meta[TAG], stream.requestId);
      }
      stream.close();
    }
  });

  test('M-SUB-03, M-PROG-01, M-LOG-01: progress and logs of calls do not come here', async () => {
    const stream = await listen({ toolsListChanged: true, promptsListChanged: true });
    const _meta = { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' };
    for (const name of ['test_tool_with_progress', 'test_tool_with_logging']) {
      const { before } = await modern(base, undefined, 'tools/call', { name, arguments: {}, _meta });
      assert.equal(before.length, 3, name);
    }
    await change('prompt');
    assert.deepEqual(await heard(stream), PROMPTS);
    stream.close();
  });

  test('SEC-02: of a user\'s own resource nobody else hears, though they ask for the same name', async () => {
    const filter = { toolsListChanged: true, resourceSubscriptions: [OWN] };
    const [hers, others, open] = [await listen(filter, { who: alice }), await listen(filter, { who: mallory }), await listen(filter)];
    await change('own_resource', alice);
    assert.deepEqual(await heard(hers), updated(OWN));
    await change('tool');
    for (const stream of [hers, others, open]) {
      assert.deepEqual(await heard(stream), TOOLS);
      stream.close();
    }
  });

  test('ERA-02, M-SUB-04: what a session changes comes to stateless clients and sessions alike', async () => {
    const session = await Session.open(base, alice.token);
    await session.request('resources/subscribe', { uri: WATCHED });
    const [stateless, standalone] = [await listen({ resourceSubscriptions: [WATCHED] }, { who: alice }), await session.listen()];
    await session.call('test_trigger_resource_change');
    assert.deepEqual(await heard(stateless), updated(WATCHED));
    assert.deepEqual(await heard(standalone), updated(WATCHED));
    stateless.close();
    standalone.close();
  });

  test('M-SUB-05: a client that left has missed what came; one that stayed has not', async () => {
    const [left, stays] = [await listen({ toolsListChanged: true }), await listen({ toolsListChanged: true })];
    left.close();
    await change('tool');
    assert.deepEqual(await heard(stays), TOOLS);
    const back = await listen({ toolsListChanged: true, promptsListChanged: true });
    await change('prompt');
    assert.deepEqual(await heard(back), PROMPTS, 'no replay');
    for (const stream of [stays, back]) stream.close();
  });

  test('P9, M-CAP-02: a session has no such method', async () => {
    const session = await Session.open(base);
    const { status, error } = await session.request('subscriptions/listen', { notifications: {} });
    assert.deepEqual([status, error?.code], [200, -32601]);
  });
});

describe('a token that ends while its client listens', { timeout: 120_000 }, () => {
  test('§9 Q8, §9 Q4, M-SUB-05, M-CANC-02: both eras\' streams end with it, though nothing comes; the stateless one says that it does', async () => {
    const { base: at } = shortLived;
    const carol = await logIn(at);
    const session = await Session.open(at, carol.token);
    const standalone = await session.listen();
    const stream = await listen({ toolsListChanged: true }, { who: carol, at });
    const last = (await stream.rest()).map(({ message }) => message);
    assert.deepEqual(last.at(-1), { jsonrpc: '2.0', id: stream.requestId, result: { resultType: 'complete', _meta: { [TAG]: stream.requestId } } });
    assert.equal(last.length, 1);
    assert.deepEqual(await standalone.rest(), []);
    assert.ok(Date.now() >= claims(carol.token).exp * 1_000, 'not before');
  });
});
