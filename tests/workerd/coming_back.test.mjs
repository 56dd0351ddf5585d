// Clients that come back for a stream: let go by a tool, cut off, or for what is over.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { someone } from '../support/login.mjs';
import { Events, modernStream, Session, textOf } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

const { base } = await serve({ example: 'conformance' });

const LET_GO = { name: 'test_reconnection', arguments: {} };
const steps = (count, name = someone('call')) => ({ name: 'test_steps', arguments: { name, steps: count }, _meta: { progressToken: name } });

/** A GET with this `Last-Event-ID`; the raw answer. */
const comeBack = (session, id) => session.send(undefined, { method: 'GET', headers: { 'last-event-id': id } });

/** 410: there is nothing to come back for, and coming back again would not help. */
async function nothingFollows(session, id) {
  const answer = await comeBack(session, id);
  const text = await answer.text();
  assert.equal(answer.status, 410, text);
  const { error, ...rest } = JSON.parse(text);
  assert.equal(error.code, -32600);
  assert.ok(!('id' in rest), text);
}

describe('a tool that lets its client go', together, () => {
  test('L-SSE-03: the stream ends after an id and a time to wait; who comes back gets the answer, and then the end', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', LET_GO);
    const primed = await stream.next();
    assert.equal(primed.message, undefined);
    assert.ok(primed.id && Number.isInteger(primed.retry) && primed.retry > 0, JSON.stringify(primed));
    assert.equal(await stream.next(), undefined, 'it ends without an answer');
    const back = await session.listen({ after: primed.id });
    const [{ message: reply }, ...more] = await back.rest();
    assert.equal(reply.id, stream.requestId);
    assert.ok(textOf(reply).includes('let go'));
    assert.deepEqual(more, []);
    await nothingFollows(session, back.lastId);
  });

  test('L-SSE-02, L-RSM-02: who comes back when all is done gets the same, as often as they come', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', LET_GO);
    const primed = await stream.next();
    const replies = [];
    for (let n = 0; n < 2; n += 1) {
      const back = await session.listen({ after: primed.id });
      replies.push((await back.rest()).map(({ message }) => message));
    }
    assert.equal(replies[0].length, 1);
    assert.deepEqual(replies[1], replies[0]);
  });

  for (const revision of ['2025-06-18', '2025-03-26']) {
    test(`L-SSE-04, L-GATE-01: a client of ${revision} would not come back, and keeps its stream until the answer`, async () => {
      const session = await Session.open(base, undefined, { revision });
      const stream = await session.stream('tools/call', LET_GO);
      const event = await stream.next();
      assert.deepEqual([event.retry, event.message?.id], [undefined, stream.requestId]);
      assert.equal(await stream.next(), undefined);
    });
  }

  test('M-HTTP-02: a stateless client is not let go', async () => {
    const stream = await modernStream(base, undefined, 'tools/call', LET_GO);
    const [event, ...more] = await stream.rest();
    assert.deepEqual([event.id, event.retry, event.message.id, more], [undefined, undefined, stream.requestId, []]);
  });
});

describe('coming back', together, () => {
  test('§9 Q5: after the answer was seen, nothing follows, however often one asks', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', steps(2));
    await stream.rest();
    for (let n = 0; n < 3; n += 1) await nothingFollows(session, stream.lastId);
    assert.equal(await session.call('test_simple_text'), 'This is a simple text response for testing.', 'the session is alive');
  });

  // A client that was sent no answer and finds an empty stream at its return comes back for ever.
  test('§9 Q5, L-CANC-01: after a call that the client cancelled, nothing follows', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', steps(2_000));
    await stream.nextMessage();
    const noted = await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: stream.requestId } });
    assert.equal(noted.status, 202);
    assert.ok(!(await stream.rest()).some(({ message }) => message.id === stream.requestId));
    await nothingFollows(session, stream.lastId);
  });

  test('L-CANC-01, L-RSM-02: what a cancelled call had said is replayed, then the stream ends, then nothing follows', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', steps(2_000));
    const primed = await stream.next();
    await stream.nextMessage();
    await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: stream.requestId } });
    await stream.rest();
    const back = await session.listen({ after: primed.id });
    const said = await back.rest();
    assert.ok(said.length > 0 && said.every(({ message }) => message.method === 'notifications/progress'), JSON.stringify(said.at(-1)));
    await nothingFollows(session, back.lastId);
  });

  test('§9 Q5, L-CANC-01: after a call that was cancelled while it waited for the user, nothing follows', async () => {
    const session = await Session.open(base, undefined, { capabilities: { elicitation: {} } });
    const stream = await session.stream('tools/call', { name: 'test_streaming_elicitation', arguments: {} });
    await stream.nextMessage();
    await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: stream.requestId } });
    assert.deepEqual((await stream.rest()).map(({ message }) => message.method), ['notifications/cancelled']);
    await nothingFollows(session, stream.lastId);
  });

  test('L-RSM-02, R4: a second return takes the stream over from the first; nothing comes twice or is lost', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', steps(60));
    await stream.nextMessage();
    stream.close();
    const first = await session.listen({ after: stream.lastId });
    const seen = [await first.nextMessage(), await first.nextMessage()];
    const second = await session.listen({ after: first.lastId });
    seen.push(...await first.rest());
    const rest = (await second.rest()).filter(({ id }) => !seen.some((event) => event.id === id));
    const progress = [...seen, ...rest].slice(0, -1).map(({ message }) => message.params.progress);
    assert.deepEqual(progress, Array.from({ length: 59 }, (_, n) => n + 2));
    assert.equal(rest.at(-1).message.id, stream.requestId);
  });

  for (const [what, spoil] of [
    ['one digit further', (id) => id.replace(/^(\d+)-(\d+)/, (_, stream, seq) => `${stream}-${Number(seq) + 1}`)],
    ['on another stream', (id) => id.replace(/^(\d+)/, (stream) => `${Number(stream) + 1}`)],
    ['without its end', (id) => id.slice(0, -2)],
  ]) {
    test(`L-RSM-03, SEC-01: an event id that was altered, ${what}, replays nothing`, async () => {
      const session = await Session.open(base);
      const stream = await session.stream('tools/call', steps(2));
      const primed = await stream.next();
      const events = await stream.rest();
      const answer = await comeBack(session, spoil(primed.id));
      assert.equal(answer.status, 200, '§9 Q5: a plain new stream');
      const opened = new Events(answer);
      const first = await opened.next();
      assert.equal(first.message, undefined);
      assert.ok(!events.some(({ id }) => id === first.id));
      opened.close();
    });
  }
});

describe('a session that ends', together, () => {
  test('L-SESS-05: its events are gone with it', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', steps(2));
    const primed = await stream.next();
    await stream.rest();
    await session.end();
    const answer = await comeBack(session, primed.id);
    assert.equal(answer.status, 404, await answer.text());
  });
});
