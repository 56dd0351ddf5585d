// Calls that are cancelled, or whose client leaves: which of them stop, and which go on; and progress meanwhile.
// Ids are rows of the protocol checklist.
//
// Whether a tool stopped is seen by its steps: a call is over if another one, begun later and longer, has finished and
// it has not.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { someone } from '../support/login.mjs';
import { fillForm, modern, modernStream, nextId, replyOf, Session, textOf } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };
/** Steps of a call, of some 20 milliseconds each. */
const STEPS = 30;
/** Longest until a call that was begun is known to run, in milliseconds. */
const BEGUN_MS = 10_000;

const { base } = await serve({ example: 'conformance' });

const call = (name, count = STEPS, _meta = { progressToken: name }) => ({ name: 'test_steps', arguments: { name, steps: count }, _meta });
const went = async (name) => (await modern(base, undefined, 'tools/call', { name: 'test_steps_taken', arguments: { name } })).result.structuredContent;

async function begun(name) {
  const deadline = Date.now() + BEGUN_MS;
  while ((await went(name)).steps === 0) assert.ok(Date.now() < deadline, `${name} never began`);
}

/** How a call went by the time that a longer one, begun now, has finished. */
async function wentInTheEnd(name) {
  const longer = someone('longer');
  textOf(await modern(base, undefined, 'tools/call', call(longer, 2 * STEPS)));
  assert.equal((await went(longer)).finished, true);
  return went(name);
}

const cancel = async (session, requestId) => {
  const noted = await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'test' } });
  assert.equal(noted.status, 202);
};

describe('in a session', together, () => {
  test('L-CANC-01: a call that is cancelled stops, and its stream ends without an answer', async () => {
    const [session, name] = [await Session.open(base), someone('cancelled')];
    const stream = await session.stream('tools/call', call(name));
    await stream.nextMessage();
    await cancel(session, stream.requestId);
    assert.ok(!(await stream.rest()).some(({ message }) => message.id === stream.requestId));
    assert.equal((await wentInTheEnd(name)).finished, false);
  });

  test('L-SSE-02: a client that leaves cancels nothing', async () => {
    const [session, name] = [await Session.open(base), someone('left')];
    const stream = await session.stream('tools/call', call(name));
    await stream.nextMessage();
    stream.close();
    assert.equal((await wentInTheEnd(name)).finished, true);
  });

  test('R8: the end of the session stops its calls', async () => {
    const [session, name] = [await Session.open(base), someone('ended')];
    const stream = await session.stream('tools/call', call(name));
    await stream.nextMessage();
    await session.end();
    await stream.rest();
    assert.equal((await wentInTheEnd(name)).finished, false);
  });

  test('L-CANC-01: a call that has said nothing yet gets no answer when it is cancelled, and its id is free', async () => {
    const [session, name, id] = [await Session.open(base), someone('silent'), nextId()];
    const pending = session.send({ jsonrpc: '2.0', id, method: 'tools/call', params: call(name, STEPS, {}) });
    await begun(name);
    await cancel(session, id);
    const answer = await pending;
    // A request is answered with JSON or a stream: here, one that ends without a response.
    assert.deepEqual([answer.status, answer.isEventStream, await answer.text()], [200, true, '']);
    assert.deepEqual((await replyOf(await session.send({ jsonrpc: '2.0', id, method: 'ping' }), id)).result, {});
  });

  test('L-CANC-01: a call that has said nothing yet stops when it is cancelled', async () => {
    const [session, name, id] = [await Session.open(base), someone('silent'), nextId()];
    const pending = session.send({ jsonrpc: '2.0', id, method: 'tools/call', params: call(name, STEPS, {}) });
    await begun(name);
    await cancel(session, id);
    await pending;
    assert.equal((await wentInTheEnd(name)).finished, false);
  });

  test('L-CANC-01, L-S2C-03: a call can be cancelled while it waits for the user; an answer that comes then is dropped', async () => {
    const session = await Session.open(base, undefined, { capabilities: { elicitation: {} } });
    const stream = await session.stream('tools/call', { name: 'test_streaming_elicitation', arguments: {} });
    const { message: question } = await stream.nextMessage();
    assert.equal(question.method, 'elicitation/create');
    await cancel(session, stream.requestId);
    const [{ message: takenBack }, ...more] = await stream.rest();
    assert.deepEqual([takenBack.method, takenBack.params.requestId], ['notifications/cancelled', question.id], 'the question is taken back');
    assert.deepEqual(more, [], 'no answer, and the stream ends');
    const late = await session.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'late') } });
    assert.equal(late.status, 202);
    // The id is free: a call that was still in flight would refuse it (L-SESS-07).
    const again = { jsonrpc: '2.0', id: stream.requestId, method: 'tools/call', params: { name: 'test_simple_text', arguments: {} } };
    assert.ok(textOf(await replyOf(await session.send(again), stream.requestId)));
  });

  test('L-CANC-01: what cannot be cancelled is ignored: a question of ours, a call that is over, another session\'s', async () => {
    const session = await Session.open(base, undefined, { capabilities: { elicitation: {} } });
    const stream = await session.stream('tools/call', { name: 'test_streaming_elicitation', arguments: {} });
    const { message: question } = await stream.nextMessage();
    await cancel(session, question.id);
    await cancel(await Session.open(base), stream.requestId);
    const over = await session.request('tools/call', { name: 'test_simple_text', arguments: {} });
    await cancel(session, over.id);
    await session.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: { name: 'Ada' } } });
    const [{ message: reply }] = await stream.rest();
    assert.equal(textOf(reply), 'Hello, Ada!');
  });
});

describe('without a session', together, () => {
  test('M-CANC-01: a call whose client leaves stops', async () => {
    const name = someone('left');
    const stream = await modernStream(base, undefined, 'tools/call', call(name));
    await stream.nextMessage();
    stream.close();
    assert.equal((await wentInTheEnd(name)).finished, false);
  });

  test('M-CANC-01: a call that has said nothing yet stops when its client leaves', async () => {
    const name = someone('silent');
    const leaving = modern(base, undefined, 'tools/call', call(name, STEPS, {}), { ms: 200 });
    await assert.rejects(leaving, /not finished/);
    assert.equal((await wentInTheEnd(name)).finished, false);
  });

  test('N2, M-CANC-01: a notification cancels nothing', async () => {
    const name = someone('noted');
    const stream = await modernStream(base, undefined, 'tools/call', call(name));
    await stream.nextMessage();
    const { status } = await modern(base, undefined, 'notifications/cancelled', { requestId: stream.requestId }, { spoil: ({ id, ...body }) => body });
    assert.equal(status, 202);
    assert.equal((await stream.rest()).at(-1).message.id, stream.requestId);
    assert.equal((await went(name)).finished, true);
  });
});

describe('progress', together, () => {
  const COUNT = 100;
  const inOrder = (messages, token) => {
    assert.deepEqual(messages.map(({ params }) => params.progress), Array.from({ length: COUNT }, (_, n) => n + 1));
    for (const { params } of messages) assert.strictEqual(params.progressToken, token);
  };

  test('L-PROG-01: of several calls at once each has its own, strictly in order, and nothing after its answer', async () => {
    const session = await Session.open(base);
    await Promise.all(['a', 'b', 7].map(async (progressToken) => {
      const stream = await session.stream('tools/call', call(someone('steps'), COUNT, { progressToken }));
      const messages = (await stream.rest()).map(({ message }) => message);
      assert.equal(messages.at(-1).id, stream.requestId);
      inOrder(messages.slice(0, -1), progressToken);
    }));
  });

  test('M-PROG-01: the same without a session', async () => {
    await Promise.all(['a', 'b', 7].map(async (progressToken) => {
      const stream = await modernStream(base, undefined, 'tools/call', call(someone('steps'), COUNT, { progressToken }));
      const messages = (await stream.rest()).map(({ message }) => message);
      assert.equal(messages.at(-1).id, stream.requestId);
      inOrder(messages.slice(0, -1), progressToken);
    }));
  });
});
