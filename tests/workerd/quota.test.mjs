// The quota on the real runtime: one bucket per user over all sessions, 429 with everything a client needs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { exchange } from '../support/http.mjs';
import { Connection } from '../support/http_sse.mjs';
import { logIn } from '../support/login.mjs';
import { initializeBody, modern, nextId, send, Session, textOf } from '../support/mcp.mjs';

/** Calls that the bucket holds. */
const BURST = 5;
/** Calls that come back each minute: one a second. */
const PER_MINUTE = 60;

const { base } = await serve({ vars: { QUOTA_BURST: BURST, QUOTA_PER_MINUTE: PER_MINUTE } });

const echo = () => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params: { name: 'echo', arguments: { text: 'x' } } });

/** What the bucket may have given since then, in calls: it was full, and has won back what that time is worth. */
const most = (since) => BURST + Math.floor(((Date.now() - since) / 60_000) * PER_MINUTE);

/** A refusal has everything that a client needs. */
function tellsWhenToReturn(answer, reply) {
  assert.equal(answer.status, 429);
  assert.ok(Number.isInteger(reply.error.code));
  assert.ok(reply.error.code < -32_768 || reply.error.code > -32_000 || reply.error.code === -32_603, 'M-ERR-02: no invented code in the reserved range');
  const after = Number(answer.header('retry-after'));
  assert.ok(Number.isInteger(after) && after >= 1 && after <= 60, `Retry-After: ${answer.header('retry-after')}`);
  // draft-ietf-httpapi-ratelimit-headers: structured fields, a quoted policy name with q, w and r, t.
  assert.match(answer.header('ratelimit-policy') ?? '', new RegExp(`"[^"]+".*;q=\\d+`));
  assert.match(answer.header('ratelimit') ?? '', /"[^"]+".*;r=0\b/);
}

/** An admission tells what is left. */
function tellsWhatIsLeft(answer) {
  assert.match(answer.header('ratelimit-policy') ?? '', /;q=\d+/);
  assert.match(answer.header('ratelimit') ?? '', /;r=\d+/);
}

describe('quota', { timeout: 60_000 }, () => {
  test('SEC-12, promise 5: over two sessions exactly the burst is admitted, the rest is told when to return, and then is served', async () => {
    const [alice, bob] = await Promise.all([logIn(base), logIn(base)]);
    const begun = Date.now();
    const sessions = await Promise.all([Session.open(base, alice.token), Session.open(base, alice.token)]);
    const bobs = await Session.open(base, bob.token);

    const bodies = Array.from({ length: 2 * BURST + 2 }, echo);
    const answers = await Promise.all(bodies.map(async (body, index) => {
      const answer = await sessions[index % 2].send(body);
      return { body, answer, reply: await answer.json() };
    }));

    const admitted = answers.filter(({ answer }) => answer.status === 200);
    const refused = answers.filter(({ answer }) => answer.status !== 200);
    const all = admitted.length + sessions.length;
    assert.ok(all >= BURST && all <= most(begun), `${all} with the sessions; at least ${BURST}, at most ${most(begun)}`);
    assert.ok(refused.length > 0);
    for (const { answer, reply } of admitted) {
      assert.equal(textOf(reply), 'x');
      tellsWhatIsLeft(answer);
    }
    for (const { body, answer, reply } of refused) {
      tellsWhenToReturn(answer, reply);
      assert.equal(reply.id, body.id);
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
    const begun = Date.now();
    let admitted = 0;
    for (let n = 0; n < 3; n += 1) {
      const answer = await send(base, { token: carol.token, body: initializeBody() });
      const { result } = await answer.json();
      if (answer.status !== 200) continue;
      const session = new Session(base, carol.token, answer.header('mcp-session-id'), result);
      const replies = await Promise.all(Array.from({ length: 3 }, () => session.request('tools/call', { name: 'echo', arguments: { text: 'x' } })));
      admitted += 1 + replies.filter(({ status }) => status === 200).length;
    }
    assert.ok(admitted >= BURST && admitted <= most(begun), `${admitted} of 12 admitted, at most ${most(begun)}`);
    const drain = await Promise.all(Array.from({ length: 8 }, () => modern(base, carol.token, 'tools/call', { name: 'echo', arguments: { text: 'x' } })));
    const refused = drain.find(({ status }) => status === 429);
    assert.ok(refused, 'the stateless side knows the same bucket');
    assert.equal(refused.id, refused.sentId);
    assert.ok(refused.headers['retry-after']);
  });

  test('SEC-12, S24-02: HTTP+SSE has the same bucket; what is over it is refused at once, and not answered', async () => {
    const erin = await logIn(base);
    const begun = Date.now();
    const connection = await Connection.ready(base, erin.token);
    const answers = await Promise.all(Array.from({ length: 2 * BURST + 2 }, async () => {
      const body = echo();
      const answer = await connection.post(body);
      return { body, answer, text: await answer.text() };
    }));
    const accepted = answers.filter(({ answer }) => answer.status === 202);
    const all = accepted.length + 1;
    assert.ok(all >= BURST && all <= most(begun), `${all} with the session; at least ${BURST}, at most ${most(begun)}`);
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

  for (const [what, open] of [
    ['Streamable HTTP', (token) => send(base, { token, body: initializeBody() })],
    ['HTTP+SSE', (token) => exchange(`${base}/sse`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` } })],
  ]) {
    test(`SEC-12: opening a session costs a call (${what}): exactly the burst is opened, and each beyond is told when to return`, async () => {
      const { token } = await logIn(base);
      const begun = Date.now();
      const answers = await Promise.all(Array.from({ length: 2 * BURST + 2 }, () => open(token)));
      const opened = answers.filter(({ status }) => status === 200);
      assert.ok(opened.length >= BURST && opened.length <= most(begun), `${opened.length} opened; at least ${BURST}, at most ${most(begun)}`);
      for (const answer of answers) {
        if (opened.includes(answer)) {
          tellsWhatIsLeft(answer);
          answer.close();
          continue;
        }
        const reply = await answer.json();
        tellsWhenToReturn(answer, reply);
        assert.equal(answer.header('mcp-session-id'), undefined);
        assert.equal('id' in reply, what === 'Streamable HTTP', JSON.stringify(reply));
      }
      assert.ok(opened.length < answers.length);
    });
  }

  test('what is no tool call costs nothing: ping and lists still answer', async () => {
    const dave = await logIn(base);
    const session = await Session.open(base, dave.token);
    for (let n = 0; n < 2 * BURST; n += 1) assert.equal((await session.request('ping')).status, 200);
    assert.equal(await session.call('echo', { text: 'still' }), 'still');
  });
});
