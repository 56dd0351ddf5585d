// What a session writes and keeps: rows cost money, and what is beyond the configured retention is said to be gone.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { change, heard, PROMPTS, TOOLS, updated, WATCHED } from '../support/changes.mjs';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { Session } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

const KEPT = 5;
const ADMIN_TOKEN = randomBytes(16).toString('hex');
const { base } = await serve({ example: 'conformance', vars: { ADMIN_TOKEN, EVENTS_KEPT: KEPT } });

const steps = (count, name) => ({ name: 'test_steps', arguments: { name, steps: count }, _meta: { progressToken: name } });

/** What the operator learns of a session. */
async function diagnosed({ id }) {
  const answer = await exchange(`${base}/admin/sessions/${id}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  assert.equal(answer.status, 200);
  return answer.json();
}

const comeBack = (session, after) => session.send(undefined, { method: 'GET', headers: { 'last-event-id': after } });

describe('rows', together, () => {
  test('promise 3: a session opens without a row of its own, and a plain call writes none', async () => {
    const session = await Session.open(base);
    const opened = await diagnosed(session);
    assert.equal(opened.written, 0);
    for (let n = 0; n < 5; n += 1) {
      await session.call('test_simple_text');
      await session.request('tools/list');
      await session.request('ping');
    }
    const { written, asked } = await diagnosed(session);
    assert.equal(written, opened.written);
    assert.ok(asked > opened.asked + 15, 'the same object was asked all the while');
  });

  test('promise 3: an event on a stream is a row, and the stream two', async () => {
    const session = await Session.open(base);
    const writes = async (name, count) => {
      const before = await diagnosed(session);
      const stream = await session.stream('tools/call', steps(count - 1, name));
      assert.equal((await stream.rest()).length, count);
      return (await diagnosed(session)).written - before.written;
    };
    assert.equal(await writes('first', 2), 2 + 2 + 1 + 4 + 1, 'and once in a session the record, two tables, of two rows each, and the alarm that forgets');
    assert.equal(await writes('second', 3), 3 + 2);
  });

  test('promise 3: a stream that is opened and closed again writes the record once', async () => {
    const session = await Session.open(base);
    const before = await diagnosed(session);
    for (let n = 0; n < 3; n += 1) (await session.listen()).close();
    assert.equal((await diagnosed(session)).written - before.written, 1);
  });
});

describe('what is beyond retention', together, () => {
  test('L-RSM-02, promise 1: of a call, what is kept is replayed, and what is gone is said to be gone', async () => {
    const session = await Session.open(base);
    const stream = await session.stream('tools/call', steps(KEPT + 5, 'gone'));
    const events = await stream.rest();
    assert.equal((await diagnosed(session)).events, KEPT);
    const [kept, gone] = [events.at(-KEPT - 1), events.at(-KEPT - 2)];
    const back = await session.listen({ after: kept.id });
    assert.deepEqual((await back.rest()).map(({ id }) => id), events.slice(-KEPT).map(({ id }) => id));
    const refused = await comeBack(session, gone.id);
    assert.equal(refused.status, 410, await refused.text());
  });

  test('L-RSM-02, L-LIST-01, L-RES-01: who missed changes that are gone is told that everything may have changed', async () => {
    const session = await Session.open(base);
    const first = await session.listen();
    await session.request('resources/subscribe', { uri: WATCHED });
    await change(base, 'tool');
    assert.deepEqual(await heard(first), TOOLS);
    const last = first.lastId;
    first.close();
    for (let n = 0; n < KEPT + 1; n += 1) await change(base, 'tool');
    const back = await session.listen({ after: last });
    const told = [await heard(back), await heard(back), await heard(back), await heard(back)];
    assert.deepEqual(told, [TOOLS, PROMPTS, { method: 'notifications/resources/list_changed' }, updated(WATCHED)]);
    // From here on it goes on as ever, and can be taken up again.
    await change(base, 'prompt');
    assert.deepEqual(await heard(back), PROMPTS);
    back.close();
    await change(base, 'resource');
    const again = await session.listen({ after: back.lastId });
    assert.deepEqual(await heard(again), updated(WATCHED));
    again.close();
  });
});
