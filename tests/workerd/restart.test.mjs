// The server ends and starts again on the same storage: what a client holds goes on (architecture, promises 1 and 2).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logIn, logInToCode } from '../support/login.mjs';
import { fillForm, handleIn, modern, Session, textOf } from '../support/mcp.mjs';
import { redeem, refresh, revoke } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

let server;
let base;
let alice;

before(async () => {
  server = await startServer();
  base = server.url;
  alice = await logIn(base);
}, { timeout: 300_000 });

after(() => server?.stop({ keep: false }));

describe('a restart', { timeout: 300_000 }, () => {
  // One restart, killed without notice, carries every question: a start is the dearest thing in these tests.
  test('a killed server comes back with sessions, streams, questions, handles, codes and logins', async (t) => {
    const session = await Session.open(base, alice.token);
    assert.equal(await session.call('count'), '1');
    assert.equal(await session.call('count'), '2');

    const ended = await Session.open(base, alice.token);
    await ended.end();

    const silent = await Session.open(base, alice.token);
    const other = await logIn(base, { user: alice.user });
    const ofOther = await Session.open(base, other.token);

    const asked = await Session.open(base, alice.token, { capabilities: { elicitation: {} } });
    const asking = await asked.stream('tools/call', { name: 'ask', arguments: { question: 'Still there?' } });
    const { message: question } = await asking.nextMessage();

    const streaming = await Session.open(base, alice.token);
    const progress = await streaming.stream('tools/call', { name: 'progress', arguments: { steps: 2, delay_ms: 10 }, _meta: { progressToken: 'p' } });
    const primed = await progress.next();
    const finished = await progress.rest();

    const cutOff = await Session.open(base, alice.token);
    const stepping = await cutOff.stream('tools/call', { name: 'progress', arguments: { steps: 60, delay_ms: 50 }, _meta: { progressToken: 'p' } });
    const steps = [await stepping.nextMessage(), await stepping.nextMessage()];

    const listening = await session.listen();
    const handle = handleIn(textOf(await modern(base, alice.token, 'tools/call', { name: 'count_start', arguments: {} })));
    const unredeemed = await logInToCode(base);

    await server.stop({ hard: true, keep: true });
    assert.equal(await listening.nextMessage(), undefined, 'the stream ends with the server');
    server = await server.again();

    await t.test('promise 2: the session goes on, counter and all, without a new login', async () => {
      assert.equal(await session.call('count'), '3');
    });
    await t.test('promise 2: one that stored nothing goes on, too, until it is ended', async () => {
      assert.equal(await silent.call('echo', { text: 'x' }), 'x');
      assert.equal((await silent.end()).status, 204);
      assert.equal((await silent.request('ping')).status, 404);
    });
    await t.test('one that stored nothing ends with its grant, while nobody asks for it', async () => {
      const status = async () => (await new Session(base, alice.token, ofOther.id, ofOther.initialized).request('ping')).status;
      assert.equal((await revoke(base, { clientId: other.clientId, token: other.refreshToken })).status, 200);
      assert.equal(await status(), 404, 'also for another grant of the same user');
    });
    await t.test('the client opens its GET stream again', async () => {
      const stream = await session.listen();
      assert.ok(await stream.quiet(300));
      stream.close();
    });
    await t.test('P15: an ended session stays ended', async () => {
      assert.equal((await ended.request('ping')).status, 404);
    });
    await t.test('L-RSM-02, promise 1: what was appended is replayed once, in order', async () => {
      const stream = await streaming.listen({ after: primed.id });
      const again = [];
      while (again.at(-1)?.message.id !== progress.requestId) {
        const event = await stream.nextMessage();
        assert.ok(event, 'the stream ended before the response');
        again.push(event);
      }
      stream.close();
      const expected = primed.message ? finished : finished.slice(-again.length);
      assert.deepEqual(again.map(({ message }) => message), expected.map(({ message }) => message));
      assert.equal(again.length, finished.length);
    });
    await t.test('L-RSM-02, L-PROG-01: a call that may be made twice is made again, and its progress rises', async () => {
      const seen = steps.map(({ message }) => message.params.progress);
      for (let event = await stepping.nextMessage().catch(() => undefined); event; event = await stepping.nextMessage().catch(() => undefined)) {
        seen.push(event.message.params.progress);
      }
      const stream = await cutOff.listen({ after: stepping.lastId });
      let message;
      while (message?.id !== stepping.requestId) {
        ({ message } = await stream.nextMessage());
        if (message.method) seen.push(message.params.progress);
      }
      stream.close();
      assert.equal(textOf(message), 'Took 60 steps.');
      assert.deepEqual(seen, Array.from({ length: 60 }, (_, step) => step + 1));
    });
    await t.test('L-S2C-03: a question that was open before is answered after', async () => {
      const posted = await asked.send({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'indeed') } });
      assert.equal(posted.status, 202);
      const stream = await asked.listen({ after: asking.lastId });
      const { message } = await stream.nextMessage();
      stream.close();
      assert.equal(message.id, asking.requestId);
      assert.ok(textOf(message).includes('indeed'));
    });
    await t.test('M-STATE-01: a handle still counts', async () => {
      assert.equal(textOf(await modern(base, alice.token, 'tools/call', { name: 'count', arguments: { handle } })), '1');
    });
    await t.test('a code that was not redeemed can be, and a refresh token works', async () => {
      assert.equal((await redeem(base, unredeemed)).status, 200);
      assert.equal((await refresh(base, alice)).status, 200);
    });
    await t.test('the browser is still logged in: consent comes without a login page', async () => {
      const granted = await logInToCode(base, { browser: alice.browser, user: 'nobody-types-this' });
      const { token } = { token: (await (await redeem(base, granted)).json()).access_token };
      const whoami = await (await Session.open(base, token)).call('whoami');
      assert.ok(whoami.includes(alice.user), whoami);
    });
  });
});
