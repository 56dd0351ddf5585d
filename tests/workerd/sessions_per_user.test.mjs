// How many sessions a user may have: a new one ends the one that was not used for longest.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { logIn } from '../support/login.mjs';
import { initializeBody, send, Session } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';

/** Longest until a session that gave way is ended, in milliseconds. */
const END_MS = 10_000;
/** Times are whole seconds in the account: sessions opened further apart than this are told apart, in milliseconds. */
const APART_MS = 1_100;

const [{ base, alice, bob }, scant] = await Promise.all([
  serve({ vars: { SESSIONS_PER_USER: 2 }, people: ['alice', 'bob'] }),
  // A call comes back each minute: within this test none does.
  serve({ vars: { SESSIONS_PER_USER: 1, QUOTA_BURST: 2, QUOTA_PER_MINUTE: 1 }, people: ['carol'] }),
]);

const statusOf = async (session) => {
  const answer = await session.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
  await answer.text();
  return answer.status;
};

async function ended(session) {
  const deadline = Date.now() + END_MS;
  while ((await statusOf(session)) !== 404) {
    assert.ok(Date.now() < deadline, 'it goes on');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('the oldest session gives way to a new one, its stream ends, and nobody else\'s is touched', { timeout: 60_000 }, async () => {
  const others = await Session.open(base, bob.token);
  const first = await Session.open(base, alice.token);
  const stream = await first.listen();
  await new Promise((resolve) => setTimeout(resolve, APART_MS));
  const second = await Session.open(base, alice.token);
  const third = await Session.open(base, alice.token);
  await ended(first);
  assert.deepEqual(await stream.rest(), []);
  assert.deepEqual(await Promise.all([second, third, others].map(statusOf)), [200, 200, 200]);
  await Promise.all([second, third, others].map((session) => session.end()));
});

test('a session that was ended leaves its place', { timeout: 60_000 }, async () => {
  const one = await Session.open(base, bob.token);
  await one.end();
  const [two, three] = [await Session.open(base, bob.token), await Session.open(base, bob.token)];
  assert.deepEqual(await Promise.all([two, three].map(statusOf)), [200, 200]);
  const { status } = await send(base, { token: bob.token, session: one.id, body: { jsonrpc: '2.0', id: 1, method: 'ping' } });
  assert.equal(status, 404);
});

test('SEC-12: nothing gives way to a session that is not opened, as it is a call too many', { timeout: 60_000 }, async () => {
  const { base: at, carol } = scant;
  const session = await Session.open(at, carol.token);
  assert.equal(await session.call('echo', { text: 'x' }), 'x');
  for (let n = 0; n < 3; n += 1) {
    const refused = await send(at, { token: carol.token, body: initializeBody() });
    assert.equal(refused.status, 429, await refused.text());
  }
  await new Promise((resolve) => setTimeout(resolve, APART_MS));
  assert.equal(await statusOf(session), 200);
});

for (const [variable, value] of [['SESSIONS_PER_USER', '0'], ['HANDLES_PER_USER', 'many'], ['TASKS_PER_USER', '-1'], ['LISTENERS_PER_USER', '1000000']]) {
  test(`${variable}=${value} stops the objects, whose log says so`, { timeout: 60_000 }, async () => {
    const server = await startServer({ vars: { [variable]: value } });
    try {
      await assert.rejects(logIn(server.url), 'nobody can log in');
      await server.says(new RegExp(`${variable} is not a number from 1 to`));
    } finally {
      await server.stop();
    }
  });
}
