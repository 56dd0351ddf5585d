// The official TypeScript clients as libraries: each logs in with its own OAuth code and calls tools.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { someone } from '../support/login.mjs';
import { fillForm, MODERN } from '../support/mcp.mjs';
import { connectByLogin } from '../support/sdk.mjs';
import { sharedServer } from '../support/server.mjs';

const INFO = { name: 'sessile-tests', version: '1' };
const ELICITING = { capabilities: { elicitation: {} } };

/** Every client the tests use, with what it takes to make and to answer with it. */
const CLIENTS = [
  {
    name: '@modelcontextprotocol/sdk 1',
    Transport: Transport1,
    make: () => new Client1(INFO, ELICITING),
    onElicit: (client, answer) => client.setRequestHandler(ElicitRequestSchema, answer),
    finish: (transport, redirect) => transport.finishAuth(redirect.searchParams.get('code')),
    hasSession: true,
  },
  {
    name: '@modelcontextprotocol/client 2, legacy',
    Transport: Transport2,
    make: () => new Client2(INFO, ELICITING),
    onElicit: (client, answer) => client.setRequestHandler('elicitation/create', answer),
    finish: (transport, redirect) => transport.finishAuth(redirect.searchParams),
    hasSession: true,
  },
  ...['auto', { pin: MODERN }].map((mode) => ({
    name: `@modelcontextprotocol/client 2, ${mode.pin ?? mode}`,
    Transport: Transport2,
    make: () => new Client2(INFO, { ...ELICITING, versionNegotiation: { mode } }),
    onElicit: (client, answer) => client.setRequestHandler('elicitation/create', answer),
    finish: (transport, redirect) => transport.finishAuth(redirect.searchParams),
    hasSession: false,
  })),
];

let server;

before(async () => {
  server = await sharedServer();
}, { timeout: 300_000 });

after(() => server?.stop());

const text = (result) => {
  assert.ok(!result.isError, JSON.stringify(result));
  return result.content[0].text;
};

for (const { name, Transport, make, onElicit, finish, hasSession } of CLIENTS) {
  describe(name, { timeout: 120_000 }, () => {
    const user = someone('sdk');
    let client;
    let transport;

    before(async () => {
      ({ client, transport } = await connectByLogin({ makeClient: make, Transport, url: `${server.url}/mcp`, user, finish }));
    }, { timeout: 60_000 });

    after(() => client?.close());

    test('is connected in the era it asked for', () => {
      assert.equal(transport.sessionId !== undefined, hasSession);
      if (!hasSession) assert.equal(client.getNegotiatedProtocolVersion(), MODERN);
      assert.ok(client.getServerVersion().name);
    });

    test('lists the tools and validates their schemas', async () => {
      const { tools } = await client.listTools();
      for (const wanted of ['echo', 'count', 'progress', 'ask', 'whoami']) assert.ok(tools.some((tool) => tool.name === wanted), wanted);
    });

    test('calls echo and is told who it is', async () => {
      assert.equal(text(await client.callTool({ name: 'echo', arguments: { text: 'from an SDK' } })), 'from an SDK');
      assert.ok(text(await client.callTool({ name: 'whoami', arguments: {} })).includes(user));
    });

    test('counts: in its session, or with a handle', async () => {
      let args = {};
      if (!hasSession) {
        const started = await client.callTool({ name: 'count_start', arguments: {} });
        args = { handle: started.structuredContent?.handle ?? /[A-Za-z0-9._~+/=-]{20,}/.exec(text(started))[0] };
      }
      assert.equal(text(await client.callTool({ name: 'count', arguments: args })), '1');
      assert.equal(text(await client.callTool({ name: 'count', arguments: args })), '2');
    });

    test('gets progress while a call runs', async () => {
      const seen = [];
      const call = { name: 'progress', arguments: { steps: 3, delay_ms: 20 } };
      const options = { onprogress: ({ progress }) => seen.push(progress), timeout: 20_000 };
      // Version 1 takes a result schema as second argument; version 2 does not.
      text(await (Transport === Transport1 ? client.callTool(call, undefined, options) : client.callTool(call, options)));
      assert.equal(seen.length, 3, `${seen}`);
    });

    test('answers a question', async () => {
      onElicit(client, (request) => ({ action: 'accept', content: fillForm(request.params.requestedSchema, 'vermilion') }));
      assert.ok(text(await client.callTool({ name: 'ask', arguments: { question: 'Which colour?' } })).includes('vermilion'));
    });

    test('declines a question', async () => {
      onElicit(client, () => ({ action: 'decline' }));
      const result = await client.callTool({ name: 'ask', arguments: { question: 'Which colour?' } });
      assert.ok(result.content.length > 0);
    });

    test('is told that a tool does not exist', async () => {
      await assert.rejects(Promise.resolve(client.callTool({ name: 'no-such-tool', arguments: {} })).then((result) => {
        if (result.isError) throw new Error('answered as a tool error');
      }));
    });

    if (hasSession) {
      test('ends its session', async () => {
        await transport.terminateSession();
        assert.equal(transport.sessionId, undefined);
      });
    }
  });
}
