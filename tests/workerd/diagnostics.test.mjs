// What the operator can learn of a session, and nobody else.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { Session } from '../support/mcp.mjs';
import { sharedServer } from '../support/server.mjs';

const limit = { timeout: 60_000 };

const TOKEN = randomBytes(16).toString('hex');
const { base, alice } = await serve({ vars: { ADMIN_TOKEN: TOKEN, DIAGNOSTICS: 'on' }, people: ['alice'] });

const ask = (id, authorization, at = base) => exchange(`${at}/admin/sessions/${id}`, { headers: { authorization } });

test('a session that streamed is described without what it said', limit, async () => {
  const session = await Session.open(base, alice.token);
  const events = await session.stream('tools/call', { name: 'progress', arguments: { steps: 3, delay_ms: 0 }, _meta: { progressToken: 'p' } });
  assert.equal((await events.rest()).length, 4);
  const answer = await ask(session.id, `Bearer ${TOKEN}`);
  const told = await answer.json();
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(told).sort(), ['asked', 'bytes', 'constructed', 'events', 'sockets', 'streams', 'written']);
  assert.deepEqual([told.constructed, told.events, told.streams, told.sockets], [1, 4, 1, 0]);
  assert.ok(told.bytes > 0 && told.asked >= 3, JSON.stringify(told));
  await session.end();
  assert.equal((await ask(session.id, `Bearer ${TOKEN}`)).status, 404);
});

test('nobody else is told: no token, a user\'s token, a wrong one', limit, async () => {
  const session = await Session.open(base, alice.token);
  const wrong = `${TOKEN.slice(0, -1)}${TOKEN.endsWith('0') ? '1' : '0'}`;
  for (const authorization of [undefined, `Bearer ${alice.token}`, `Bearer ${wrong}`, `Basic ${TOKEN}`, 'Bearer']) {
    assert.equal((await ask(session.id, authorization)).status, 401, authorization);
  }
  assert.equal((await ask('made-up', `Bearer ${TOKEN}`)).status, 404);
  await session.end();
});

test('a server without an operator\'s token has no such page', limit, async (t) => {
  const plain = await sharedServer();
  t.after(() => plain.stop());
  assert.equal((await ask('any', `Bearer ${TOKEN}`, plain.url)).status, 404);
});
