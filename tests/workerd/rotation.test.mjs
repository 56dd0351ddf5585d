// The root secret is replaced, and later taken away (`cargo xtask secrets`): what goes on, and what ends.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { exchange } from '../support/http.mjs';
import { isConsentForm, logIn, logInToCode, passLogin, someone } from '../support/login.mjs';
import { handleIn, modern, nextId, Session, textOf } from '../support/mcp.mjs';
import { authorizeUrl, claims, newClient, pkce, redeem, refresh } from '../support/oauth.mjs';
import { startServer } from '../support/server.mjs';

const run = promisify(execFile);
const user = someone('keeper');
let server;
let base;
let alice;

/** `cargo xtask secrets …` on the stopped server's storage; what it printed. */
const secrets = async (...words) =>
  (await run(process.env.SESSILE_DEV_COMMAND, ['secrets', ...words, '--persist', server.persist])).stdout;

const keysShown = async () => (await (await exchange(`${base}/.well-known/jwks.json`)).json()).keys.map(({ kid }) => kid);
const keyOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;

/** The server without its secret of before, or with one more. */
async function withSecrets(action) {
  await server.stop({ keep: true });
  await secrets(action);
  server = await server.again();
}

before(async () => {
  server = await startServer();
  base = server.url;
  alice = await logIn(base, { user });
}, { timeout: 300_000 });

after(() => server?.stop({ keep: false }));

describe('a new root secret', { timeout: 300_000 }, () => {
  test('nobody notices that it was replaced; when the old one is taken away, what it made ends', async (t) => {
    const session = await Session.open(base, alice.token);
    assert.equal(await session.call('count'), '1');
    const progress = await session.stream('tools/call', { name: 'progress', arguments: { steps: 2, delay_ms: 10 }, _meta: { progressToken: 'p' } });
    const primed = await progress.next();
    const events = await progress.rest();
    const handle = handleIn(textOf(await modern(base, alice.token, 'tools/call', { name: 'count_start', arguments: {} })));
    const unredeemed = await logInToCode(base);
    const before = await keysShown();
    assert.equal(before.length, 1);

    await withSecrets('rotate');
    const said = await secrets('status').catch((error) => error.stderr);
    let renewed;

    await t.test('both keys are shown, and the old access token is good', async () => {
      const keys = await keysShown();
      assert.equal(keys.length, 2);
      assert.equal(keyOf(alice.token), before[0]);
      assert.ok(keys.includes(before[0]));
    });
    await t.test('the session, its events and a handle are as they were', async () => {
      assert.equal(await session.call('count'), '2');
      const stream = await session.listen({ after: primed.id });
      for (const event of events.filter(({ message }) => message)) assert.deepEqual((await stream.nextMessage()).message, event.message);
      stream.close();
      assert.equal(textOf(await modern(base, alice.token, 'tools/call', { name: 'count', arguments: { handle } })), '1');
    });
    await t.test('a code and a refresh token are used, and what they give has the new key', async () => {
      assert.equal((await redeem(base, unredeemed)).status, 200);
      renewed = await (await refresh(base, alice)).json();
      assert.notEqual(keyOf(renewed.access_token), before[0]);
      assert.equal(claims(renewed.access_token).sub, claims(alice.token).sub);
      // As after a lost answer: the same token again, within the grace time.
      const again = await refresh(base, alice);
      assert.equal(again.status, 200);
    });
    await t.test('the browser is logged in, and who logs in anew has the same account', async () => {
      const url = authorizeUrl(base, { client_id: await newClient(base), code_challenge: pkce().challenge, state: 's' });
      const page = await passLogin(alice.browser, url, { user: 'somebody else' });
      assert.ok(page.left || page.forms.some(isConsentForm));
      const anew = await logIn(base, { user });
      assert.equal(claims(anew.token).sub, claims(alice.token).sub);
    });
    await t.test('a server that runs keeps its secrets to itself', () => {
      assert.match(said, /another server uses the storage/);
    });

    await withSecrets('retire');

    await t.test('the old token, session and registration are unknown', async () => {
      assert.deepEqual((await keysShown()).length, 1);
      const refused = await new Session(base, alice.token, session.id, session.initialized).send({ jsonrpc: '2.0', id: nextId(), method: 'ping' });
      refused.close();
      assert.equal(refused.status, 401);
      const gone = await new Session(base, renewed.access_token, session.id, session.initialized).send({ jsonrpc: '2.0', id: nextId(), method: 'ping' });
      gone.close();
      assert.equal(gone.status, 404);
      const unknown = await refresh(base, { ...alice, refreshToken: renewed.refresh_token });
      assert.equal((await unknown.json()).error, 'invalid_client');
    });
    await t.test('the user logs in again, and is who they were', async () => {
      const anew = await logIn(base, { user });
      assert.equal(claims(anew.token).sub, claims(alice.token).sub);
      const other = await Session.open(base, anew.token);
      assert.equal(await other.call('count'), '1');
    });
  });
});
