// How many handles and tasks a user may have: a new one takes the place of the oldest, which is erased and then as
// unknown as one that never was. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { modern, Session, textOf } from '../support/mcp.mjs';

const limit = { timeout: 90_000 };
/** Times are whole seconds in the account: what begins further apart than this is told apart, in milliseconds. */
const APART_MS = 1_100;
/** Longest until what gave way is erased, or a tool has stopped, in milliseconds. */
const GONE_MS = 10_000;

const [pads, jobs] = await Promise.all([
  serve({ example: 'scratchpad', vars: { HANDLES_PER_USER: 2 }, people: ['alice', 'bob', 'carol'] }),
  serve({ example: 'conformance', vars: { TASKS_PER_USER: 2 }, people: ['alice', 'bob', 'carol', 'dave'] }),
]);

const apart = () => new Promise((resolve) => setTimeout(resolve, APART_MS));

/** Asks again until it is so; the deadline fails the test. */
async function eventually(look, what) {
  const deadline = Date.now() + GONE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('handles', { ...limit, concurrency: true }, () => {
  const use = (who, name, args = {}) => modern(pads.base, who?.token, 'tools/call', { name, arguments: args });
  const mint = async (who) => textOf(await use(who, 'scratchpad_new'));
  const put = (who, handle, text) => use(who, 'note_put', { name: 'a', text, handle });
  const get = (who, handle) => use(who, 'note_get', { name: 'a', handle });

  /** What is said of a handle that never was. */
  async function madeUp(who) {
    const { result } = await get(who, 'made-up');
    assert.equal(result.isError, true);
    return JSON.stringify(result.content);
  }
  const isGone = (who, handle, words) => async () => JSON.stringify((await get(who, handle)).result.content) === words;

  test('M-STATE-02: the oldest gives way to a new one, and is as unknown as one that was made up; nobody else\'s is touched', limit, async () => {
    const { alice, bob } = pads;
    const hers = await mint(bob);
    textOf(await put(bob, hers, 'bob'));
    const first = await mint(alice);
    textOf(await put(alice, first, 'first'));
    await apart();
    const second = await mint(alice);
    textOf(await put(alice, second, 'second'));
    await apart();
    const third = await mint(alice);
    await eventually(isGone(alice, first, await madeUp(alice)), 'the oldest is still there');
    const { result } = await put(alice, first, 'again');
    assert.equal(result.isError, true, 'it does not begin anew');
    textOf(await put(alice, third, 'third'));
    for (const [who, handle, text] of [[alice, second, 'second'], [alice, third, 'third'], [bob, hers, 'bob']]) {
      assert.equal(textOf(await get(who, handle)), text);
    }
  });

  test('those made in a session count as well', limit, async () => {
    const { carol } = pads;
    const session = await Session.open(pads.base, carol.token);
    const first = await session.call('scratchpad_new');
    textOf(await put(carol, first, 'x'));
    await apart();
    await session.call('scratchpad_new');
    await mint(carol);
    await eventually(isGone(carol, first, await madeUp(carol)), 'the oldest is still there');
    await session.end();
  });

  test('who has no token has as many, by their address', limit, async () => {
    const first = await mint();
    textOf(await put(undefined, first, 'x'));
    await apart();
    await mint();
    await mint();
    await eventually(isGone(undefined, first, await madeUp()), 'the oldest is still there');
  });
});

describe('tasks', { ...limit, concurrency: true }, () => {
  const capabilities = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const begin = async (who, args) => {
    const { result, error } = await modern(jobs.base, who.token, 'tools/call', { name: 'slow_compute', arguments: args }, { capabilities });
    assert.equal(result?.resultType, 'task', JSON.stringify(error ?? result));
    return result.taskId;
  };
  const about = (who, method, taskId) => modern(jobs.base, who.token, method, { taskId }, { capabilities, headers: { 'mcp-name': taskId } });
  const status = async (who, taskId) => (await about(who, 'tasks/get', taskId)).result?.status;
  const isUnknown = (who, taskId) => async () => (await about(who, 'tasks/get', taskId)).error;

  test('T-05, T-09: the oldest gives way to a new one while it runs, and is as unknown as somebody else\'s', limit, async () => {
    const { alice, bob } = jobs;
    const others = await begin(bob, { seconds: 60 });
    const first = await begin(alice, { seconds: 60 });
    await apart();
    const [second, third] = [await begin(alice, { seconds: 60 }), await begin(alice, { seconds: 60 })];
    const said = await eventually(isUnknown(alice, first), 'the oldest is still there');
    assert.deepEqual(said, (await about(alice, 'tasks/get', others)).error);
    assert.deepEqual((await about(alice, 'tasks/cancel', first)).error, said);
    assert.deepEqual(await Promise.all([status(alice, second), status(alice, third), status(bob, others)]), ['working', 'working', 'working']);
  });

  test('one that is over gives way before an older one that runs', limit, async () => {
    const { carol } = jobs;
    const runs = await begin(carol, { seconds: 60 });
    await apart();
    const over = await begin(carol, { seconds: 0 });
    await eventually(async () => (await status(carol, over)) === 'completed', 'it goes on');
    // The account hears of the end soon after whoever asks: with the next task at the latest.
    await apart();
    const third = await begin(carol, { seconds: 60 });
    await eventually(isUnknown(carol, over), 'the one that is over is still there');
    assert.deepEqual([await status(carol, runs), await status(carol, third)], ['working', 'working']);
  });

  test('L-TASK-04: who waits for the result of a session\'s task that gives way is told that there is none', limit, async () => {
    const { dave } = jobs;
    const session = await Session.open(jobs.base, dave.token);
    const { result } = await session.request('tools/call', { name: 'slow_compute', arguments: { seconds: 60 }, task: {} });
    const { taskId } = result.task;
    const waiting = session.request('tasks/result', { taskId });
    await apart();
    await begin(dave, { seconds: 60 });
    await begin(dave, { seconds: 60 });
    const { error } = await waiting;
    const unknown = (await session.request('tasks/get', { taskId })).error;
    assert.deepEqual([error.code, unknown?.code], [-32602, -32602], JSON.stringify(error));
    await session.end();
  });
});
