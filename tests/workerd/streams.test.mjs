// Streams of a session on the real runtime: progress, resumption, cancellation, the GET stream.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { logIn } from '../support/login.mjs';
import { Events, replyOf, Session, textOf } from '../support/mcp.mjs';

const limit = { timeout: 60_000 };

const { base, alice } = await serve({ people: ['alice'] });

describe('progress', limit, () => {
  const progress = (session, { steps = 3, delayMs = 10, token = 'p' } = {}) => session.stream('tools/call', {
    name: 'progress', arguments: { steps, delay_ms: delayMs }, ...(token === undefined ? {} : { _meta: { progressToken: token } }),
  });

  for (const token of ['p', 7]) {
    test(`L-PROG-01, L-SSE-01: progress for the token ${JSON.stringify(token)} comes first and rises, then the result, then the end`, async () => {
      const session = await Session.open(base, alice.token);
      const stream = await progress(session, { token });
      const messages = (await stream.rest()).map(({ message }) => message);
      const steps = messages.slice(0, -1);
      assert.equal(steps.length, 3);
      for (const step of steps) {
        assert.equal(step.method, 'notifications/progress');
        assert.strictEqual(step.params.progressToken, token);
      }
      const values = steps.map(({ params }) => params.progress);
      assert.deepEqual(values, [...new Set(values)].sort((a, b) => a - b));
      assert.ok(messages.at(-1).result.content);
      assert.equal(messages.at(-1).id, stream.requestId);
    });
  }

  test('L-PROG-01: without a token no progress is sent', async () => {
    const session = await Session.open(base, alice.token);
    const reply = await session.request('tools/call', { name: 'progress', arguments: { steps: 3, delay_ms: 10 } });
    assert.deepEqual(reply.before ?? [], []);
    textOf(reply);
  });

  test('L-SSE-03: a 2025-11-25 stream begins with an empty event that has an id; older ones do not', async () => {
    for (const [revision, primed] of [['2025-11-25', true], ['2025-06-18', false]]) {
      const session = await Session.open(base, alice.token, { revision });
      const stream = await progress(session);
      const first = await stream.next();
      assert.equal(first.message === undefined && first.id !== undefined, primed, `${revision}: ${JSON.stringify(first)}`);
      await stream.rest();
    }
  });

  test('L-SSE-02, L-RSM-02, R4: a call whose stream broke goes on, and the rest is delivered once, in order', async () => {
    const session = await Session.open(base, alice.token);
    const stream = await progress(session, { steps: 6, delayMs: 150 });
    const seen = [await stream.nextMessage(), await stream.nextMessage()];
    assert.ok(stream.lastId, 'the events have ids');
    const after = stream.lastId;
    stream.close();
    const resumed = await session.listen({ after });
    const later = [];
    for (let event = await resumed.nextMessage(); event; event = await resumed.nextMessage()) {
      later.push(event);
      if (event.message.id === stream.requestId) break;
    }
    resumed.close();
    const messages = [...seen, ...later].map(({ message }) => message);
    const values = messages.slice(0, -1).map(({ params }) => params.progress);
    assert.equal(values.length, 6);
    assert.deepEqual(values, [...new Set(values)].sort((a, b) => a - b), 'each exactly once, in order');
    assert.ok(messages.at(-1).result, 'the response comes on the resumed stream');
  });

  test('L-RSM-02: a call that finished while nobody listened is delivered to who returns', async () => {
    const session = await Session.open(base, alice.token);
    const stream = await progress(session, { steps: 2, delayMs: 50 });
    const first = await stream.next();
    stream.close();
    // The counter is asked until the call must be over: it is finished when its id may be used again.
    const over = { jsonrpc: '2.0', id: stream.requestId, method: 'ping' };
    const deadline = Date.now() + 10_000;
    for (;;) {
      const reply = await replyOf(await session.send(over), stream.requestId);
      if (reply.result) break;
      assert.ok(Date.now() < deadline, JSON.stringify(reply));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const resumed = await session.listen({ after: first.id });
    const events = [];
    while (events.at(-1)?.message.id !== stream.requestId) {
      const event = await resumed.nextMessage();
      assert.ok(event, `the stream ended early, after ${JSON.stringify(events)}`);
      events.push(event);
    }
    resumed.close();
    assert.equal(events.length, first.message ? 2 : 3);
  });

  test('L-RSM-01: event ids are unique across the streams of a session', async () => {
    const session = await Session.open(base, alice.token);
    const streams = await Promise.all([progress(session, { token: 'a' }), progress(session, { token: 'b' })]);
    const ids = [];
    for (const stream of streams) for (let event = await stream.next(); event; event = await stream.next()) if (event.id) ids.push(event.id);
    assert.ok(ids.length >= 8, `${ids.length} ids`);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('L-SSE-06, L-SSE-07: two calls stream at the same time, each to its own stream only', async () => {
    const session = await Session.open(base, alice.token);
    const listening = await session.listen();
    const streams = await Promise.all(['a', 'b'].map((token) => progress(session, { token, steps: 4, delayMs: 100 })));
    const all = await Promise.all(streams.map((stream) => stream.rest()));
    for (const [index, token] of ['a', 'b'].entries()) {
      const tokens = new Set(all[index].filter(({ message }) => message.params).map(({ message }) => message.params.progressToken));
      assert.deepEqual([...tokens], [token]);
      assert.equal(all[index].length, 5);
    }
    assert.ok(await listening.quiet(300), 'L-SSE-05: nothing of them on the GET stream');
    listening.close();
  });

  test('L-RSM-03: an event id of another session replays nothing, nor does one that was made up', async () => {
    const [mine, other] = [await Session.open(base, alice.token), await Session.open(base, (await logIn(base)).token)];
    const stream = await progress(mine, { steps: 4 });
    const first = await stream.next();
    await stream.rest();
    for (const after of [first.id, 'made-up', `${first.id}0`, '../../etc', '0']) {
      const answer = await other.send(undefined, { method: 'GET', headers: { 'last-event-id': after } });
      if (answer.status === 200) {
        const listening = new Events(answer);
        assert.ok(await listening.quiet(300), `${after} replayed something`);
        listening.close();
      } else {
        assert.ok([400, 404].includes(answer.status), `${after}: ${answer.status}`);
        answer.close();
      }
    }
  });

  test('L-CANC-01: a cancelled call stops, and its stream ends without an answer', async () => {
    const session = await Session.open(base, alice.token);
    const stream = await progress(session, { steps: 100, delayMs: 100 });
    await stream.nextMessage();
    const noted = await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: stream.requestId, reason: 'test' } });
    assert.equal(noted.status, 202);
    const rest = await stream.rest();
    assert.ok(rest.length < 20, `${rest.length} messages after the cancellation`);
    assert.ok(!rest.some(({ message }) => message.id === stream.requestId));
  });

  test('L-CANC-01: a session does not cancel the calls of another', async () => {
    const [one, other] = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    const stream = await progress(one, { steps: 4, delayMs: 100 });
    await stream.nextMessage();
    (await other.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: stream.requestId } })).close();
    assert.ok((await stream.rest()).at(-1).message.result);
  });
});

describe('the GET stream', limit, () => {
  test('R3: it opens at once and stays open', async () => {
    const session = await Session.open(base, alice.token);
    const stream = await session.listen();
    assert.ok(await stream.quiet(500));
    assert.equal(await session.call('echo', { text: 'meanwhile' }), 'meanwhile');
    assert.ok(await stream.quiet(200), 'L-SSE-05: a response came on the GET stream, or it ended');
    stream.close();
  });

  test('§9 Q6: a second GET stream is accepted', async () => {
    const session = await Session.open(base, alice.token);
    const [one, other] = [await session.listen(), await session.listen()];
    assert.ok(await other.quiet(300));
    one.close();
    other.close();
  });

  test('R8, L-SESS-05: the end of the session ends it', async () => {
    const session = await Session.open(base, alice.token);
    const stream = await session.listen();
    const ended = await session.end();
    assert.equal(ended.status, 204);
    assert.deepEqual(await stream.rest(), []);
  });
});
