// What a session's client is asked, and batches of the one revision that has them.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { Events, fillForm, initializeBody, LATEST_WITH_SESSIONS, nextId, Session, textOf } from '../support/mcp.mjs';

const limit = { timeout: 60_000 };

const { base, alice } = await serve({ people: ['alice'] });

describe('questions', limit, () => {
  const asking = async (revision = LATEST_WITH_SESSIONS) => {
    const session = await Session.open(base, alice.token, { revision, capabilities: { elicitation: {} } });
    const stream = await session.stream('tools/call', { name: 'ask', arguments: { question: 'Which colour?' } });
    const { message } = await stream.nextMessage();
    return { session, stream, question: message };
  };

  for (const revision of ['2025-11-25', '2025-06-18']) {
    test(`L-S2C-02, L-S2C-03, L-SSE-04: ask asks on the call's own stream, and the POSTed answer comes back as text (${revision})`, async () => {
      const { session, stream, question } = await asking(revision);
      assert.equal(question.method, 'elicitation/create');
      assert.ok(question.params.message.includes('Which colour?'));
      assert.equal(question.params.requestedSchema.type, 'object');
      const posted = await session.send({
        jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'ultramarine') },
      });
      assert.equal(posted.status, 202);
      assert.equal(await posted.text(), '');
      const [{ message: reply }, ...more] = await stream.rest();
      assert.deepEqual(more, []);
      assert.equal(reply.id, stream.requestId);
      assert.ok(textOf(reply).includes('ultramarine'), JSON.stringify(reply));
    });
  }

  for (const [what, answer] of [
    ['decline', { result: { action: 'decline' } }],
    ['cancel', { result: { action: 'cancel' } }],
    ['an error', { error: { code: -32603, message: 'no human here' } }],
    ['nonsense', { result: { action: 7 } }],
  ]) {
    test(`L-S2C-04: ${what} ends the call with an answer`, async () => {
      const { session, stream, question } = await asking();
      assert.equal((await session.send({ jsonrpc: '2.0', id: question.id, ...answer })).status, 202);
      const { message: reply } = (await stream.rest()).at(-1);
      assert.equal(reply.id, stream.requestId);
      assert.ok(reply.result ?? reply.error);
    });
  }

  test('L-S2C-03: the answer may come when no stream is open, and the call\'s result is kept for who returns', async () => {
    const { session, stream, question } = await asking();
    const after = stream.lastId;
    stream.close();
    await session.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'teal') } });
    const resumed = await session.listen({ after });
    const { message: reply } = await resumed.nextMessage();
    resumed.close();
    assert.equal(reply.id, stream.requestId);
    assert.ok(textOf(reply).includes('teal'));
  });

  test('L-RSM-02: a question that was not seen is asked again on the resumed stream', async () => {
    const session = await Session.open(base, alice.token, { capabilities: { elicitation: {} } });
    const stream = await session.stream('tools/call', { name: 'ask', arguments: { question: 'Seen?' } });
    const primed = await stream.next();
    assert.equal(primed.message, undefined, 'L-SSE-03');
    stream.close();
    const resumed = await session.listen({ after: primed.id });
    const { message: question } = await resumed.nextMessage();
    assert.equal(question.method, 'elicitation/create');
    await session.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'yes') } });
    assert.ok(textOf((await resumed.nextMessage()).message).includes('yes'));
    resumed.close();
  });

  test('SEC-10, L-S2C-03: another session cannot answer a question, not even of the same user', async () => {
    const { session, stream, question } = await asking();
    const other = await Session.open(base, alice.token, { capabilities: { elicitation: {} } });
    const content = fillForm(question.params.requestedSchema, 'stolen');
    assert.equal((await other.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content } })).status, 202);
    await session.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'honest') } });
    const text = textOf((await stream.rest()).at(-1).message);
    assert.ok(text.includes('honest') && !text.includes('stolen'), text);
  });

  test('L-S2C-01, L-INIT-05: a client that cannot be asked is not asked', async () => {
    const session = await Session.open(base, alice.token);
    const reply = await session.request('tools/call', { name: 'ask', arguments: { question: 'Hello?' } });
    assert.deepEqual((reply.before ?? []).filter(({ method }) => method === 'elicitation/create'), []);
    assert.ok(reply.error ?? reply.result?.isError, JSON.stringify(reply));
  });

  test('L-GATE-01, L-INIT-05: 2025-03-26 knows no elicitation', async () => {
    const session = await Session.open(base, alice.token, { revision: '2025-03-26', capabilities: { elicitation: {} } });
    const reply = await session.request('tools/call', { name: 'ask', arguments: { question: 'Hello?' } });
    assert.deepEqual((reply.before ?? []).filter(({ method }) => method === 'elicitation/create'), []);
    assert.ok(reply.error ?? reply.result?.isError, JSON.stringify(reply));
  });
});

describe('batches of 2025-03-26', limit, () => {
  const batch = async (messages) => {
    const session = await Session.open(base, alice.token, { revision: '2025-03-26' });
    return session.send(messages);
  };

  test('N7, L-HTTP-02: every request of a batch gets its response, in one array or one stream', async () => {
    const ids = [nextId(), nextId(), nextId()];
    const answer = await batch([
      { jsonrpc: '2.0', id: ids[0], method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'none' } },
      { jsonrpc: '2.0', id: ids[1], method: 'tools/call', params: { name: 'echo', arguments: { text: 'in a batch' } } },
      { jsonrpc: '2.0', id: ids[2], method: 'no/such' },
    ]);
    assert.equal(answer.status, 200);
    const replies = answer.isEventStream
      ? (await new Events(answer).rest()).flatMap(({ message }) => message)
      : await answer.json();
    assert.ok(Array.isArray(replies));
    const byId = new Map(replies.map((reply) => [reply.id, reply]));
    assert.deepEqual([...byId.keys()].sort(), [...ids].sort());
    assert.deepEqual(byId.get(ids[0]).result, {});
    assert.equal(textOf(byId.get(ids[1])), 'in a batch');
    assert.equal(byId.get(ids[2]).error.code, -32601);
  });

  test('N7: a batch without requests is accepted with nothing to say', async () => {
    const answer = await batch([{ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, { jsonrpc: '2.0', id: 'x', result: {} }]);
    assert.equal(answer.status, 202);
    assert.equal(await answer.text(), '');
  });

  test('N8, L-INIT-06: a batch with an initialize in it is refused', async () => {
    const answer = await batch([initializeBody('2025-03-26')]);
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).error.code, -32600);
  });

  test('a batch larger than any client needs is refused', async () => {
    const answer = await batch(Array.from({ length: 5_000 }, () => ({ jsonrpc: '2.0', id: nextId(), method: 'ping' })));
    assert.ok([400, 413].includes(answer.status), `${answer.status}`);
    answer.close();
  });
});
