// The quota on the real runtime: one bucket per user over all sessions, 429 with everything a client needs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { Connection } from '../support/http_sse.mjs';
import { logIn } from '../support/login.mjs';
import { modern, nextId, Session, textOf } from '../support/mcp.mjs';

/** Calls that the bucket holds. */
const BURST = 5;
/** Calls that come back each minute: one a second. */
const PER_MINUTE = 60;

const { base } = await serve({ vars: { QUOTA_BURST: BURST, QUOTA_PER_MINUTE: PER_MINUTE } });

const echo = () => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params: { name: 'echo', arguments: { text: 'x' } } });

describe('quota', { timeout: 60_000 }, () => {
  test('SEC-12, promise 5: over two sessions exactly the burst is admitted, the rest is told when to return, and then is served', async () => {
    const [alice, bob] = await Promise.all([logIn(base), logIn(base)]);
    const sessions = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    const bobs = await Session.open(base, bob.token);

    const begun = Date.now();
    const bodies = Array.from({ length: 2 * BURST + 2 }, echo);
    const answers = await Promise.all(bodies.map(async (body, index) => {
      const answer = await sessions[index % 2].send(body);
      return { body, answer, reply: await answer.json() };
    }));
    const elapsed = (Date.now() - begun) / 1_000;

    const admitted = answers.filter(({ answer }) => answer.status === 200);
    const refused = answers.filter(({ answer }) => answer.status !== 200);
    // While the calls ran, the bucket may have won back what that time is worth; not one more.
    const most = BURST + Math.floor((elapsed * PER_MINUTE) / 60);
    assert.ok(admitted.length >= BURST && admitted.length <= most, `${admitted.length} admitted in ${elapsed} s; at least ${BURST}, at most ${most}`);
    assert.ok(refused.length > 0);
    for (const { reply } of admitted) assert.equal(textOf(reply), 'x');

    for (const { body, answer, reply } of refused) {
      assert.equal(answer.status, 429);
      assert.equal(reply.id, body.id);
      assert.ok(Number.isInteger(reply.error.code));
      assert.ok(reply.error.code < -32_768 || reply.error.code > -32_000 || reply.error.code === -32_603, 'M-ERR-02: no invented code in the reserved range');
      const after = Number(answer.header('retry-after'));
      assert.ok(Number.isInteger(after) && after >= 1 && after <= 60, `Retry-After: ${answer.header('retry-after')}`);
      // draft-ietf-httpapi-ratelimit-headers: structured fields, a quoted policy name with q, w and r, t.
      assert.match(answer.header('ratelimit-policy') ?? '', new RegExp(`"[^"]+".*;q=\\d+`));
      assert.match(answer.header('ratelimit') ?? '', /"[^"]+".*;r=0\b/);
    }
    for (const { answer } of admitted) {
      assert.match(answer.header('ratelimit-policy') ?? '', /;q=\d+/);
      assert.match(answer.header('ratelimit') ?? '', /;r=\d+/);
    }

    // Another user has a bucket of their own.
    assert.equal(await bobs.call('echo', { text: 'not me' }), 'not me');

    // The wait that the server named is enough; this is the one clock that the test must wait for.
    const wait = Math.max(...refused.map(({ answer }) => Number(answer.header('retry-after'))));
    await new Promise((resolve) => setTimeout(resolve, wait * 1_000));
    assert.equal(await sessions[0].call('echo', { text: 'again' }), 'again');
  });

  test('SEC-12: a new session does not bring a new bucket, nor does the stateless side', async () => {
    const carol = await logIn(base);
    let admitted = 0;
    const begun = Date.now();
    for (let n = 0; n < 3; n += 1) {
      const session = await Session.open(base, carol.token);
      const replies = await Promise.all(Array.from({ length: 3 }, () => session.request('tools/call', { name: 'echo', arguments: { text: 'x' } })));
      admitted += replies.filter(({ status }) => status === 200).length;
    }
    const most = BURST + Math.floor(((Date.now() - begun) / 1_000) * (PER_MINUTE / 60));
    assert.ok(admitted <= most, `${admitted} of 9 admitted, at most ${most}`);
    const drain = await Promise.all(Array.from({ length: 8 }, () => modern(base, carol.token, 'tools/call', { name: 'echo', arguments: { text: 'x' } })));
    const refused = drain.find(({ status }) => status === 429);
    assert.ok(refused, 'the stateless side knows the same bucket');
    assert.equal(refused.id, refused.sentId);
    assert.ok(refused.headers['retry-after']);
  });

  test('SEC-12, S24-02: HTTP+SSE has the same bucket; what is over it is refused at once, and not answered', async () => {
    const erin = await logIn(base);
    const connection = await Connection.ready(base, erin.token);
    const begun = Date.now();
    const answers = await Promise.all(Array.from({ length: 2 * BURST + 2 }, async () => {
      const body = echo();
      const answer = await connection.post(body);
      return { body, answer, text: await answer.text() };
    }));
    const most = BURST + Math.floor(((Date.now() - begun) / 1_000) * (PER_MINUTE / 60));
    const accepted = answers.filter(({ answer }) => answer.status === 202);
    assert.ok(accepted.length >= BURST && accepted.length <= most, `${accepted.length} accepted, at most ${most}`);
    for (const { answer, text } of answers.filter((it) => !accepted.includes(it))) {
      assert.equal(answer.status, 429);
      assert.ok(Number(answer.header('retry-after')) >= 1);
      assert.ok(!('id' in JSON.parse(text)), text);
    }
    for (const { answer, text } of accepted) {
      assert.equal(text, '');
      assert.match(answer.header('ratelimit') ?? '', /;r=\d+/);
    }
    const replied = [];
    for (let n = 0; n < accepted.length; n += 1) replied.push((await connection.events.nextMessage()).message.id);
    assert.deepEqual(new Set(replied), new Set(accepted.map(({ body }) => body.id)));
    assert.deepEqual((await connection.request('ping')).before, [], 'and nothing else was answered');
    connection.close();
  });

  test('what is no tool call costs nothing: ping and lists still answer', async () => {
    const dave = await logIn(base);
    const session = await Session.open(base, dave.token);
    for (let n = 0; n < 2 * BURST; n += 1) assert.equal((await session.request('ping')).status, 200);
    assert.equal(await session.call('echo', { text: 'still' }), 'still');
  });
});
