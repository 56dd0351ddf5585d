// How many sessions a user may have: a new one ends the one that was not used for longest.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { send, Session } from '../support/mcp.mjs';

/** Longest until a session that gave way is ended, in milliseconds. */
const END_MS = 10_000;
/** Times are whole seconds in the account: sessions opened further apart than this are told apart, in milliseconds. */
const APART_MS = 1_100;

const { base, alice, bob } = await serve({ vars: { SESSIONS_PER_USER: 2 }, people: ['alice', 'bob'] });

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
