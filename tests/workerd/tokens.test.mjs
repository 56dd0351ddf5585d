// Tokens that expire: what an expired one gets, and how the SDK clients go on without their user.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { serve } from '../support/fixture.mjs';
import { Connection } from '../support/http_sse.mjs';
import { logIn, someone } from '../support/login.mjs';
import { nextId, send, Session } from '../support/mcp.mjs';
import { claims, refresh } from '../support/oauth.mjs';
import { connectByLogin } from '../support/sdk.mjs';

/** How long an access token lives on this server, in seconds: the shortest in which a busy machine does what comes first. */
const LIFETIME = 5;
/** Clocks that the server may be lenient about, in seconds. */
const LEEWAY_MAX = 5;

const limit = { timeout: 90_000, concurrency: true };

const { base } = await serve({ vars: { ACCESS_TOKEN_SECONDS: LIFETIME } });

/** Waits until the clock has passed what the token itself says, and a leeway more. */
async function expiry(token) {
  const ms = (claims(token).exp + 1) * 1_000 - Date.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Asks until the token is refused; a server may be lenient, but only so long. */
async function refusedAtLast(session) {
  const deadline = Date.now() + LEEWAY_MAX * 1_000;
  for (;;) {
    const answer = await session.send({ jsonrpc: '2.0', id: nextId(), method: 'ping' });
    if (answer.status === 401) return answer;
    assert.ok(Date.now() < deadline, `still ${answer.status} ${LEEWAY_MAX} s after the expiry`);
    answer.close();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe('an access token that expires', limit, () => {
  test('RS-03, RS-05, L-SESS-06: it is refused with invalid_token, on every verb, and the session waits for the next one (RS-11)', async () => {
    const account = await logIn(base);
    assert.equal(account.body.expires_in, LIFETIME);
    const session = await Session.open(base, account.token);
    const fresh = await (await refresh(base, account)).json();
    await new Session(base, fresh.access_token, session.id, session.initialized).call('count');
    await expiry(account.token);
    const refused = await refusedAtLast(session);
    refused.close();
    assert.match(refused.header('www-authenticate'), /error="invalid_token"/);
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(base, { method, token: account.token, session: session.id, version: session.revision });
      answer.close();
      assert.equal(answer.status, 401);
    }
    const next = await (await refresh(base, { ...account, refreshToken: fresh.refresh_token })).json();
    assert.equal(await new Session(base, next.access_token, session.id, session.initialized).call('count'), '2');
  });

  for (const [name, Client, Transport, finish] of [
    ['@modelcontextprotocol/sdk 1', Client1, Transport1, (transport, redirect) => transport.finishAuth(redirect.searchParams.get('code'))],
    ['@modelcontextprotocol/client 2', Client2, Transport2, (transport, redirect) => transport.finishAuth(redirect.searchParams)],
  ]) {
    test(`${name} refreshes by itself and keeps its session (RS-11)`, async () => {
      const { client, transport, authProvider } = await connectByLogin({
        makeClient: () => new Client({ name: 'sessile-tests', version: '1' }), Transport, url: `${base}/mcp`, user: someone('sdk'), finish,
      });
      try {
        const count = async () => (await client.callTool({ name: 'count', arguments: {} })).content[0].text;
        assert.equal(await count(), '1');
        const { sessionId } = transport;
        const old = authProvider.kept;
        authProvider.sentTo = undefined;
        await expiry(old.access_token);
        await refusedAtLast(new Session(base, old.access_token, sessionId, { protocolVersion: '2025-11-25' }));
        assert.equal(await count(), '2');
        assert.equal(transport.sessionId, sessionId);
        assert.notEqual(authProvider.kept.access_token, old.access_token);
        assert.notEqual(authProvider.kept.refresh_token, old.refresh_token);
        assert.equal(authProvider.sentTo, undefined, 'the user was sent to a login again');
      } finally {
        await client.close();
      }
    });
  }

  test('SSEClientTransport refreshes by itself, and its stream stays open as long as its newest token is good (S24-04, S24-05, RS-11)', async () => {
    const { client, authProvider } = await connectByLogin({
      makeClient: () => new Client1({ name: 'sessile-tests', version: '1' }), Transport: SSEClientTransport, url: `${base}/sse`, user: someone('sdk'),
      finish: (transport, redirect) => transport.finishAuth(redirect.searchParams.get('code')),
    });
    try {
      // The second answer is heard when the token of the GET has expired; the third proves that the stream went on.
      for (const expected of ['1', '2', '3']) {
        const old = authProvider.kept;
        assert.equal((await client.callTool({ name: 'count', arguments: {} })).content[0].text, expected);
        if (expected !== '1') assert.ok(authProvider.saved > 1);
        await expiry(old.access_token);
        await expiry(authProvider.kept.access_token);
      }
    } finally {
      await client.close();
    }
  });

  test('S24-04: the stream of HTTP+SSE ends with its token, and the session with the stream', async () => {
    const account = await logIn(base);
    const fresh = await (await refresh(base, account)).json();
    const connection = await Connection.ready(base, account.token);
    const id = nextId();
    // A call that outlives the token: it is cut off at the first thing it says after that.
    await connection.tell({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'progress', arguments: { steps: 100, delay_ms: 100 }, _meta: { progressToken: 'p' } } });
    const heard = await connection.events.rest();
    assert.ok(heard.length > 0 && heard.every(({ message }) => message.id !== id), 'it ended before the call');
    const next = await (await refresh(base, { ...account, refreshToken: fresh.refresh_token })).json();
    const gone = await connection.post({ jsonrpc: '2.0', id: nextId(), method: 'ping' }, { token: next.access_token });
    assert.equal(gone.status, 404);
  });
});
