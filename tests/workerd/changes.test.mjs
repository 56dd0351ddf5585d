// What others change, as sessions hear it: on the GET stream, once, to those who asked, and again after a break.
// Ids are rows of the protocol checklist.
//
// These tests run one after another: everybody shares the lists and the watched resource. That something does not
// come is shown by what comes next in its place.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { change as changeOn, heard, OWN, PROMPTS, TOOLS, updated, WATCHED } from '../support/changes.mjs';
import { serve } from '../support/fixture.mjs';
import { Session } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';

const limit = { timeout: 60_000 };

const { base, alice, mallory } = await serve({ example: 'conformance', people: ['alice', 'mallory'] });
const change = (what, who) => changeOn(base, what, who?.token);

/** A session whose client listens. */
async function listening(who, options) {
  const session = await Session.open(base, who?.token, options);
  const stream = await session.listen();
  return { session, stream };
}

async function subscribe(session, uri, method = 'resources/subscribe') {
  assert.deepEqual((await session.request(method, { uri })).result, {}, method);
}

describe('changes of lists', limit, () => {
  for (const [by, make] of [
    ['a stateless client', () => change],
    ['another session', async () => {
      const other = await Session.open(base);
      return (what) => other.call(`test_trigger_${what}_change`);
    }],
    ['another user', () => (what) => change(what, mallory)],
  ]) {
    test(`L-LIST-01: one made by ${by} arrives on the GET stream, exactly once, in order`, async () => {
      const { stream } = await listening();
      const changes = await make();
      for (const what of ['tool', 'tool', 'prompt', 'tool']) await changes(what);
      for (const wanted of [TOOLS, TOOLS, PROMPTS, TOOLS]) assert.deepEqual(await heard(stream), wanted);
      await change('prompt');
      assert.deepEqual(await heard(stream), PROMPTS, 'and nothing more');
      stream.close();
    });
  }

  test('L-LIST-01, L-SSE-05: one that the session makes itself comes on its GET stream, and only there', async () => {
    const { session, stream } = await listening();
    const reply = await session.request('tools/call', { name: 'test_trigger_tool_change', arguments: {} });
    assert.deepEqual([reply.result?.isError ?? false, reply.before], [false, undefined], 'a plain answer');
    assert.deepEqual(await heard(stream), TOOLS);
    stream.close();
  });

  test('L-GATE-01: sessions of every revision are told', async () => {
    const all = await Promise.all(['2025-11-25', '2025-06-18', '2025-03-26'].map((revision) => listening(undefined, { revision })));
    await change('tool');
    for (const { stream } of all) {
      assert.deepEqual(await heard(stream), TOOLS);
      stream.close();
    }
  });

  test('L-SESS-05: a session that ended is not told, and nobody else misses anything', async () => {
    const [gone, stays] = [await listening(), await listening()];
    await gone.session.end();
    await change('tool');
    assert.equal(await heard(gone.stream), undefined);
    assert.deepEqual(await heard(stays.stream), TOOLS);
    stays.stream.close();
  });
});

describe('changes of resources', limit, () => {
  test('L-RES-01: who subscribed is told, who did not is not', async () => {
    const [hers, others] = [await listening(alice), await listening(mallory)];
    await subscribe(hers.session, WATCHED);
    await subscribe(others.session, 'test://static-text');
    await change('resource');
    await change('tool');
    assert.deepEqual([await heard(hers.stream), await heard(hers.stream)], [updated(WATCHED), TOOLS]);
    assert.deepEqual(await heard(others.stream), TOOLS);
    hers.stream.close();
    others.stream.close();
  });

  test('L-RES-01: subscribing twice does not tell twice, and unsubscribing once is enough', async () => {
    const { session, stream } = await listening();
    await subscribe(session, WATCHED);
    await subscribe(session, WATCHED);
    await change('resource');
    assert.deepEqual(await heard(stream), updated(WATCHED));
    await subscribe(session, WATCHED, 'resources/unsubscribe');
    await change('resource');
    await change('prompt');
    assert.deepEqual(await heard(stream), PROMPTS);
    await subscribe(session, WATCHED, 'resources/unsubscribe');
    stream.close();
  });

  test('L-RES-01: a subscription without a URI, or with one that is far too long, is -32602', async () => {
    const session = await Session.open(base);
    for (const params of [{}, undefined, { uri: 7 }, { uri: `test://${'x'.repeat(3_000)}` }]) {
      for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
        assert.equal((await session.request(method, params)).error?.code, -32602, `${method} ${JSON.stringify(params)?.slice(0, 40)}`);
      }
    }
  });

  test('SEC-02: of a user\'s own resource nobody else is told, though they ask for the same name', async () => {
    const [hers, herOther, others] = [await listening(alice), await listening(alice), await listening(mallory)];
    const open = await listening();
    for (const { session } of [hers, herOther, others, open]) await subscribe(session, OWN);
    await change('own_resource', alice);
    for (const { stream } of [hers, herOther]) assert.deepEqual(await heard(stream), updated(OWN));
    await change('tool');
    for (const { stream } of [hers, herOther, others, open]) {
      assert.deepEqual(await heard(stream), TOOLS);
      stream.close();
    }
  });
});

describe('the GET stream', limit, () => {
  test('L-RSM-02: what came while no stream was open is replayed after the id that was seen last, once, in order', async () => {
    const { session, stream } = await listening();
    await subscribe(session, WATCHED);
    await change('tool');
    assert.deepEqual(await heard(stream), TOOLS);
    stream.close();
    for (const what of ['resource', 'prompt']) await change(what);
    const again = await session.listen({ after: stream.lastId });
    assert.deepEqual([await heard(again), await heard(again)], [updated(WATCHED), PROMPTS]);
    await change('tool');
    assert.deepEqual(await heard(again), TOOLS, 'the stream goes on after what was missed');
    again.close();
  });

  test('L-SSE-03, L-RSM-02: the id of the first, empty event is enough to come back with', async () => {
    const { session, stream } = await listening();
    const primed = await stream.next();
    assert.deepEqual([primed.message, Number.isInteger(primed.retry)], [undefined, true]);
    stream.close();
    await change('prompt');
    const again = await session.listen({ after: primed.id });
    assert.deepEqual(await heard(again), PROMPTS);
    again.close();
  });

  test('§9 Q6, L-SSE-06: the newest one has the messages, the older one ends', async () => {
    const { session, stream: older } = await listening();
    await older.next();
    const newer = await session.listen();
    await newer.next();
    assert.deepEqual(await older.rest(), [], 'the older one ends by itself');
    await change('tool');
    assert.deepEqual(await heard(newer), TOOLS);
    newer.close();
  });

  test('L-RSM-03, L-SSE-06: after breaks of two streams each goes on with its own events and with no other\'s', async () => {
    const { session, stream: standalone } = await listening();
    await standalone.next();
    const call = async (progressToken) => session.stream('tools/call', {
      name: 'test_steps', arguments: { name: `two-streams-${progressToken}`, steps: 12 }, _meta: { progressToken },
    });
    const calls = [await call('a'), await call('b')];
    for (const stream of calls) await stream.nextMessage();
    for (const stream of [standalone, ...calls]) stream.close();
    for (const what of ['tool', 'prompt']) await change(what);

    for (const [index, progressToken] of ['a', 'b'].entries()) {
      const back = await session.listen({ after: calls[index].lastId });
      const rest = (await back.rest()).map(({ message }) => message);
      assert.deepEqual(rest.slice(0, -1).map(({ params }) => [params.progressToken, params.progress]), Array.from({ length: 11 }, (_, n) => [progressToken, n + 2]));
      assert.equal(rest.at(-1).id, calls[index].requestId);
    }
    const back = await session.listen({ after: standalone.lastId });
    assert.deepEqual([await heard(back), await heard(back)], [TOOLS, PROMPTS]);
    await change('tool');
    assert.deepEqual(await heard(back), TOOLS);
    back.close();
  });

  test('L-RSM-03, §9 Q5: the event id of another session brings a new stream without anything of it', async () => {
    const [one, other] = [await listening(), await listening()];
    await change('tool');
    for (const { stream } of [one, other]) assert.deepEqual(await heard(stream), TOOLS);
    one.stream.close();
    await change('prompt');
    assert.deepEqual(await heard(other.stream), PROMPTS);
    const foreign = await one.session.listen({ after: other.stream.lastId });
    assert.equal((await foreign.next()).message, undefined);
    await change('tool');
    assert.deepEqual(await heard(foreign), TOOLS, 'and not the change before it');
    foreign.close();
    other.stream.close();
  });
});

describe('a restart', { timeout: 120_000 }, () => {
  test('promises 1 and 2: subscriptions survive it, and what was not yet seen comes after it', async (t) => {
    let server = await startServer({ config: 'examples/conformance/wrangler.toml' });
    t.after(() => server.stop({ keep: false }));
    const session = await Session.open(server.url);
    const silent = await Session.open(server.url);
    await subscribe(session, WATCHED);
    await subscribe(silent, WATCHED);
    const stream = await session.listen();
    await stream.next();
    stream.close();
    await changeOn(server.url, 'resource');
    // It is stored as soon as a stream shows it; only then the server may be killed.
    const seen = await session.listen({ after: stream.lastId });
    assert.deepEqual(await heard(seen), updated(WATCHED));

    await server.stop({ hard: true, keep: true });
    assert.equal(await seen.nextMessage(), undefined);
    server = await server.again();

    const [back, second] = [await session.listen({ after: stream.lastId }), await silent.listen()];
    assert.deepEqual(await heard(back), updated(WATCHED), 'what was stored before');
    await changeOn(server.url, 'resource');
    for (const each of [back, second]) {
      assert.deepEqual(await heard(each), updated(WATCHED), 'nobody subscribed anew');
      each.close();
    }
  });
});
