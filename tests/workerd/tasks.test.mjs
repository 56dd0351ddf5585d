// Tasks, in both flows: the extension of 2026-07-28 and the sessions of 2025-11-25. What the official suite looks at
// is not repeated here. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { Events, modern, nextId, send, Session } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

// The server is public; who sends a token is nevertheless known by it.
const { server, base, alice, mallory } = await serve({ example: 'conformance', people: ['alice', 'mallory'] });

const EXTENSION = 'io.modelcontextprotocol/tasks';
const RELATED = 'io.modelcontextprotocol/related-task';
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const able = { elicitation: {}, extensions: { [EXTENSION]: {} } };
/** Longest until a task of these tests has changed, in milliseconds. */
const CHANGE_MS = 10_000;

/** A stateless request about a task, with the header that names it (M-HDR-01). */
const about = (who, method, taskId, more = {}, capabilities = able) =>
  modern(base, who.token, method, { taskId, ...more }, { capabilities, headers: { 'mcp-name': taskId } });

async function begin(who, name, args = {}) {
  const { result, error } = await modern(base, who.token, 'tools/call', { name, arguments: args }, { capabilities: able });
  assert.equal(result?.resultType, 'task', JSON.stringify(error ?? result));
  return result;
}

/** Asks again until the task is as it should be; the tests' deadline ends it. */
async function until(look, status) {
  const deadline = Date.now() + CHANGE_MS;
  for (;;) {
    const task = await look();
    if (task.status === status) return task;
    assert.ok(Date.now() < deadline, `still ${task.status} instead of ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const standing = (who, taskId) => async () => (await about(who, 'tasks/get', taskId)).result;

function unknownTask({ status, error }) {
  assert.deepEqual([status, error?.code], [200, -32602], JSON.stringify(error));
}

describe('tasks of stateless clients', together, () => {
  test('T-09, SEC-01: a task is its maker\'s alone, for every method', async () => {
    const { taskId } = await begin(alice, 'slow_compute', { seconds: 30 });
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      unknownTask(await about(mallory, method, taskId));
      unknownTask(await about({ token: undefined }, method, taskId));
    }
    assert.equal((await standing(alice, taskId)()).status, 'working', 'nobody else has cancelled it');
    assert.deepEqual((await about(alice, 'tasks/cancel', taskId)).result.resultType, 'complete');
    assert.equal((await standing(alice, taskId)()).status, 'cancelled');
  });

  test('T-07: a listener is told of its tasks in full, and of nobody else\'s', async () => {
    const { taskId } = await begin(alice, 'confirm_delete', { filename: 'f' });
    const foreign = await begin(mallory, 'confirm_delete', { filename: 'g' });
    const id = nextId();
    const body = {
      jsonrpc: '2.0',
      id,
      method: 'subscriptions/listen',
      params: {
        notifications: { taskIds: [taskId, foreign.taskId] },
        _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': able },
      },
    };
    const answer = await send(base, { token: alice.token, version: '2026-07-28', headers: { 'mcp-method': 'subscriptions/listen' }, body });
    const events = new Events(answer);
    const { message: first } = await events.nextMessage();
    assert.equal(first.method, 'notifications/subscriptions/acknowledged');
    assert.deepEqual(first.params.notifications, { taskIds: [taskId] });
    await until(standing(alice, taskId), 'input_required');
    await about(mallory, 'tasks/cancel', foreign.taskId);
    await about(alice, 'tasks/update', taskId, { inputResponses: { confirm: { action: 'accept', content: { confirm: true } } } });
    let told;
    do {
      ({ message: told } = await events.nextMessage());
      assert.equal(told.method, 'notifications/tasks');
      assert.equal(told.params.taskId, taskId);
      assert.equal(told.params._meta[SUBSCRIPTION], id, 'M-SUB-02');
    } while (told.params.status !== 'completed');
    assert.equal(told.params.result.content[0].text, 'Deleted f.');
    events.close();
  });

  test('T-07: to listen to tasks a client has to know them', async () => {
    const { taskId } = await begin(alice, 'slow_compute', { seconds: 0 });
    const refused = await modern(base, alice.token, 'subscriptions/listen', { notifications: { taskIds: [taskId] } });
    assert.deepEqual([refused.status, refused.error.code], [400, -32021]);
    assert.deepEqual(refused.error.data.requiredCapabilities, { extensions: { [EXTENSION]: {} } });
  });

  test('X-01, T-01: a client that knows no tasks gets what a tool becomes a task for within the call', async () => {
    const inputResponses = { name: { action: 'accept', content: { name: 'Ada' } } };
    const params = { name: 'test_tool_with_task', arguments: {}, inputResponses };
    const { result } = await modern(base, alice.token, 'tools/call', params, { capabilities: { elicitation: {} } });
    assert.deepEqual([result.resultType, result.content[0].text], ['complete', 'Done, Ada.']);
  });

  test('T-08: a session\'s task is none of a stateless client\'s, and the other way round', async () => {
    const session = await Session.open(base, alice.token);
    const { result } = await session.request('tools/call', { name: 'slow_compute', arguments: { seconds: 0 }, task: {} });
    unknownTask(await about(alice, 'tasks/get', result.task.taskId));
    const { taskId } = await begin(alice, 'slow_compute', { seconds: 0 });
    unknownTask(await session.request('tasks/get', { taskId }));
    await session.end();
  });
});

describe('tasks of sessions', together, () => {
  const inSession = (session, taskId) => async () => (await session.request('tasks/get', { taskId })).result;
  const task = async (session, name, args = {}) => {
    const { result, error } = await session.request('tools/call', { name, arguments: args, task: { ttl: 60_000 } });
    assert.ok(result?.task, JSON.stringify(error ?? result));
    return result.task;
  };

  test('L-TASK-01, L-TASK-04, L-TASK-05: a call as a task is answered at once, and its result names it', async () => {
    const session = await Session.open(base, alice.token);
    assert.deepEqual(session.initialized.capabilities.tasks, { list: {}, cancel: {}, requests: { tools: { call: {} } } });
    const { taskId, status, ttl } = await task(session, 'slow_compute', { seconds: 0.5, label: 'x' });
    assert.deepEqual([status, ttl], ['working', 60_000]);
    const { result } = await session.request('tasks/result', { taskId });
    assert.equal(result.content[0].text, 'Computed x in 0.5 s.');
    assert.deepEqual(result._meta[RELATED], { taskId });
    assert.equal((await inSession(session, taskId)()).status, 'completed');
    await session.end();
  });

  test('L-TASK-02: whether a call can or must be a task is the tool\'s to say', async () => {
    const session = await Session.open(base, alice.token);
    const { result } = await session.request('tools/list');
    const support = (name) => result.tools.find((tool) => tool.name === name).execution?.taskSupport;
    assert.deepEqual(['slow_compute', 'failing_job', 'greet'].map(support), ['optional', 'required', undefined]);
    const without = await session.request('tools/call', { name: 'failing_job', arguments: {} });
    const forbidden = await session.request('tools/call', { name: 'greet', arguments: { name: 'Ada' }, task: {} });
    for (const { status, error } of [without, forbidden]) assert.deepEqual([status, error?.code], [200, -32601]);
    await session.end();
  });

  test('L-TASK-03: a result that tells the model of an error is a failed task, and still its result', async () => {
    const session = await Session.open(base, alice.token);
    const { taskId } = await task(session, 'failing_job');
    const { result } = await session.request('tasks/result', { taskId });
    assert.equal(result.isError, true);
    assert.equal((await inSession(session, taskId)()).status, 'failed');
    await session.end();
  });

  test('L-TASK-04, L-TASK-05: a task that asks is answered on the stream of tasks/result', async () => {
    const session = await Session.open(base, alice.token, { capabilities: { elicitation: {} } });
    const { taskId } = await task(session, 'confirm_delete', { filename: 'f' });
    await until(inSession(session, taskId), 'input_required');
    const events = await session.stream('tasks/result', { taskId });
    const { message: question } = await events.nextMessage();
    assert.equal(question.method, 'elicitation/create');
    assert.deepEqual(question.params._meta[RELATED], { taskId });
    (await session.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: { confirm: true } } })).close();
    const { message: last } = await events.nextMessage();
    assert.deepEqual([last.id, last.result.content[0].text], [events.requestId, 'Deleted f.']);
    await session.end();
  });

  test('L-TASK-06, L-TASK-07: cancelled once, listed to its session, and unknown to anybody else', async () => {
    const session = await Session.open(base, alice.token);
    const { taskId } = await task(session, 'slow_compute', { seconds: 60 });
    const stranger = await Session.open(base, mallory.token);
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/result']) unknownTask(await stranger.request(method, { taskId }));
    assert.equal((await session.request('tasks/cancel', { taskId })).result.status, 'cancelled');
    unknownTask(await session.request('tasks/cancel', { taskId }));
    const { result } = await session.request('tasks/list');
    assert.deepEqual(result.tasks.map((listed) => [listed.taskId, listed.status]), [[taskId, 'cancelled']]);
    unknownTask(await session.request('tasks/list', { cursor: 'x' }));
    assert.deepEqual((await stranger.request('tasks/list')).result.tasks, []);
    await Promise.all([session.end(), stranger.end()]);
  });
});

test('T-03: a task outlives the server: repeatable calls are made again, answers still count, others fail aloud', { timeout: 90_000 }, async () => {
  const repeatable = await begin(alice, 'slow_compute', { seconds: 2, label: 'again' });
  const once = await begin(alice, 'failing_job');
  const asking = await begin(alice, 'confirm_delete', { filename: 'f' });
  await until(standing(alice, asking.taskId), 'input_required');
  await server.stop({ hard: true, keep: true });
  const restarted = await server.again();
  after(() => restarted.stop());
  const done = await until(standing(alice, repeatable.taskId), 'completed');
  assert.match(done.result.content[0].text, /again/);
  const failed = await until(standing(alice, once.taskId), 'failed');
  assert.equal(failed.error.code, -32603);
  await about(alice, 'tasks/update', asking.taskId, { inputResponses: { confirm: { action: 'accept', content: { confirm: true } } } });
  await until(standing(alice, asking.taskId), 'completed');
});
