// Calls at once on the real runtime: a bound, a line before it, and permits that come free, however a call ends.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { logIn } from '../support/login.mjs';
import { modern, modernStream, Session, textOf } from '../support/mcp.mjs';
import { startServer } from '../support/server.mjs';

/** Calls of a user that may run at once. */
const AT_ONCE = 2;
/** How long a call waits in line: PERMIT_WAIT_MAX, in milliseconds. */
const LINE_MS = 5_000;
/** Longest that a permit is held after its call ended, in milliseconds: PERMIT_IDLE_MAX, and what a busy machine adds. */
const IDLE_MS = 4_000;
const POLICY = { per_minute: { amount: 100_000 }, concurrent: AT_ONCE };

const server = await startServer({
  config: 'examples/faults/wrangler.toml',
  vars: { QUOTA_POLICY: JSON.stringify(POLICY), QUOTA_BURST: '', QUOTA_PER_MINUTE: '' },
});
after(() => server.stop());
const base = server.url;

/** Takes so many fifths of a second. */
const slow = (steps) => ({ name: 'slow', arguments: { steps } });
const inSession = (session, steps) => session.request('tools/call', slow(steps));
const without = (token, steps) => modern(base, token, 'tools/call', slow(steps));

/** A refusal because of too many calls at once. */
function tellsWhenToReturn({ status, headers, error }) {
  assert.equal(status, 429, JSON.stringify(error));
  assert.match(headers.ratelimit, /^"calls\.concurrent";r=0;t=\d+$/);
  assert.match(headers['ratelimit-policy'], /"calls\.concurrent";q=2;qu="concurrent-requests"/);
  assert.equal(error.data.retryAfterSeconds, Number(headers['retry-after']));
  assert.match(error.message, /at once/);
}

describe('calls at once', { timeout: 120_000 }, () => {
  test('no more run than may, over sessions and stateless clients; the others wait in line', async () => {
    const { token } = await logIn(base);
    const sessions = await Promise.all([1, 2].map(() => Session.open(base, token)));
    const began = Date.now();
    const calls = [inSession(sessions[0], 4), inSession(sessions[1], 4), without(token, 4), without(token, 4), inSession(sessions[0], 4)];
    const replies = await Promise.all(calls);
    for (const reply of replies) assert.equal(textOf(reply), 'All steps were taken.');
    // Five calls of 0.8 s, two at a time, are three rounds.
    assert.ok(Date.now() - began >= 3 * 800, `${Date.now() - began} ms`);
  });

  test('who waited in vain is refused with when to come back, and did not pay', async () => {
    const { token } = await logIn(base);
    const session = await Session.open(base, token);
    const long = Array.from({ length: AT_ONCE }, () => modernStream(base, token, 'tools/call', { ...slow(50), _meta: { progressToken: 'p' } }));
    const streams = await Promise.all(long);
    for (const stream of streams) await stream.next();
    const began = Date.now();
    const refused = await Promise.all([inSession(session, 1), without(token, 1)]);
    assert.ok(Date.now() - began >= LINE_MS, 'it waited');
    refused.forEach(tellsWhenToReturn);
    // What needs no tool is not bounded.
    assert.equal((await session.request('tools/list')).status, 200);
    for (const stream of streams) stream.close();
    // A client that left holds nothing for long.
    assert.equal(textOf(await inSession(session, 1)), 'All steps were taken.');
  });

  test('a permit that lies idle in one session is soon another\'s', async () => {
    const { token } = await logIn(base);
    const sessions = await Promise.all([1, 2, 3].map(() => Session.open(base, token)));
    await Promise.all(sessions.slice(0, 2).map((session) => inSession(session, 1)));
    const began = Date.now();
    assert.equal(textOf(await inSession(sessions[2], 1)), 'All steps were taken.');
    assert.ok(Date.now() - began <= IDLE_MS, `${Date.now() - began} ms`);
  });
});
