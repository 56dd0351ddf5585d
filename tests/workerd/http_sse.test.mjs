// The deprecated transport HTTP+SSE of 2024-11-05: /sse and /messages. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { serve } from '../support/fixture.mjs';
import { Connection, sendTo } from '../support/http_sse.mjs';
import { logIn, someone } from '../support/login.mjs';
import { fillForm, initializeBody, nextId, send, Session, textOf } from '../support/mcp.mjs';
import { refusedWith, rows, statusOnly } from '../support/refusals.mjs';
import { connectByLogin } from '../support/sdk.mjs';
import { startServer } from '../support/server.mjs';

const limit = { timeout: 60_000 };
/** Longest until a client that left is noticed, in milliseconds. */
const LEFT_MS = 10_000;

const { base, alice, mallory } = await serve({ people: ['alice', 'mallory'] });

const list = () => ({ jsonrpc: '2.0', id: nextId(), method: 'tools/list' });
const call = (name, args = {}, meta) => ({ name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) });

describe('the stream', limit, () => {
  test('S24-01: a GET gets a stream whose first event says where to POST, on the same origin, with an id of its own', async () => {
    const [one, two] = await Promise.all([Connection.open(base, alice.token), Connection.open(base, alice.token)]);
    for (const { answer, first } of [one, two]) {
      assert.equal(answer.header('content-type'), 'text/event-stream');
      assert.equal(answer.header('mcp-session-id'), undefined, 'S24-05');
      assert.equal(first.type, 'endpoint');
      assert.equal(new URL(first.data, `${base}/sse`).origin, new URL(base).origin);
      assert.match(first.data, /^\/messages\?session_id=[\x21-\x7e]{22,}$/);
    }
    assert.notEqual(one.endpoint, two.endpoint);
    one.close();
    two.close();
  });

  test('S24-02: every message is an event of that stream without an id, and no POST is answered with one', async () => {
    const connection = await Connection.ready(base, alice.token);
    const replies = [
      await connection.request('ping'),
      await connection.request('tools/list'),
      await connection.request('tools/call', call('echo', { text: 'x' })),
      await connection.request('no/such'),
    ];
    for (const { event } of replies) assert.deepEqual([event.type, event.id], ['message', undefined]);
    assert.equal(textOf(replies[2]), 'x');
    assert.equal(replies[3].error.code, -32601);
    connection.close();
  });

  test('S24-02, L-PROG-01, L-GATE-01: progress comes before the result, without the words that 2024-11-05 lacks', async () => {
    for (const [revision, worded] of [['2024-11-05', false], ['2025-03-26', true]]) {
      const connection = await Connection.ready(base, alice.token, { revision });
      const reply = await connection.request('tools/call', call('progress', { steps: 3, delay_ms: 10 }, { progressToken: 'p' }));
      assert.deepEqual(reply.before.map(({ params }) => params.progress), [1, 2, 3]);
      for (const { method, params } of reply.before) {
        assert.deepEqual([method, params.progressToken], ['notifications/progress', 'p']);
        if (!worded) assert.equal(params.message, undefined);
      }
      assert.ok(textOf(reply));
      connection.close();
    }
  });

  test('S24-02, L-S2C-03: a question is asked on the stream and its answer POSTed', async () => {
    const connection = await Connection.ready(base, alice.token, { revision: '2025-06-18', capabilities: { elicitation: {} } });
    const id = nextId();
    await connection.tell({ jsonrpc: '2.0', id, method: 'tools/call', params: call('ask', { question: 'Which colour?' }) });
    const { message: question } = await connection.events.nextMessage();
    assert.equal(question.method, 'elicitation/create');
    await connection.tell({ jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: fillForm(question.params.requestedSchema, 'teal') } });
    assert.ok(textOf(await connection.reply(id)).includes('teal'));
    connection.close();
  });

  test('S24-02: calls run at once, and a session counts for itself', async () => {
    const connection = await Connection.ready(base, alice.token);
    const slow = nextId();
    await connection.tell({ jsonrpc: '2.0', id: slow, method: 'tools/call', params: call('progress', { steps: 10, delay_ms: 50 }) });
    assert.equal(textOf(await connection.request('tools/call', call('count'))), '1');
    assert.equal(textOf(await connection.request('tools/call', call('count'))), '2');
    assert.ok(textOf(await connection.reply(slow)), 'the slow call comes last');
    connection.close();
  });

  test('L-CANC-01: a cancelled call says nothing more', async () => {
    const connection = await Connection.ready(base, alice.token);
    const id = nextId();
    await connection.tell({ jsonrpc: '2.0', id, method: 'tools/call', params: call('progress', { steps: 200, delay_ms: 50 }) });
    await connection.tell({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    const { before } = await connection.request('ping');
    assert.ok(!before.some((message) => message.id === id));
    assert.ok(await connection.events.quiet(500));
    connection.close();
  });
});

describe('messages', limit, () => {
  let open;
  before(async () => {
    open = await Connection.ready(base, alice.token);
  });
  after(() => open?.close());
  const to = (id, options) => sendTo(base, `/messages?session_id=${id}`, { token: alice.token, body: list(), ...options });
  const own = () => open.endpoint.split('=')[1];

  rows([
    ['S24-03: no JSON is 400', async () => refusedWith(await open.post('{'), 400, -32700)],
    ['S24-03: JSON that is no message is 400', async () => refusedWith(await open.post({ id: 1 }), 400, -32600, 1)],
    ['S24-05: an array is 400, also where 2025-03-26 was negotiated', async () => {
      const older = await Connection.ready(base, alice.token, { revision: '2025-03-26' });
      for (const connection of [open, older]) await refusedWith(await connection.post([list()]), 400, -32600);
      older.close();
    }],
    ['G-04: another content type is 415', async () => statusOnly(await open.post(list(), { headers: { 'content-type': 'text/plain' } }), 415)],
    ['G-04: a body over the limit is 413', async () => statusOnly(await open.post(`"${'x'.repeat(4 * 1024 * 1024)}"`), 413)],
    ['S24-03: whatever is accepted is of no interest', async () => statusOnly(await open.post(list(), { headers: { accept: 'application/json' } }), 202)],
    ...['', 'made-up', 'x'.repeat(4_000)].map((id) => [`S24-03: the id "${id.slice(0, 10)}" is 404`, async () => {
      await refusedWith(await to(id), 404, -32600);
    }]),
    ['S24-03: an altered id is 404', async () => refusedWith(await to(`${own().slice(0, -1)}${own().endsWith('A') ? 'B' : 'A'}`), 404, -32600)],
    ['S24-03: two ids are 404', async () => refusedWith(await to(`${own()}&session_id=${own()}`), 404, -32600)],
    ['S24-03: no id is 404', async () => refusedWith(await sendTo(base, '/messages', { token: alice.token, body: list() }), 404, -32600)],
    ['S24-03: a foreign connection is 404, and looks like one that never was', async () => {
      const foreign = await to(own(), { token: mallory.token });
      const unknown = await to('made-up', { token: mallory.token });
      assert.equal(foreign.status, 404);
      assert.equal(await foreign.text(), await unknown.text());
      assert.ok((await open.request('ping')).result, 'and it goes on');
    }],
    ['S24-05: the endpoint takes no connection for a session, nor the other way round', async () => {
      for (const method of ['POST', 'GET', 'DELETE']) {
        await statusOnly(await send(base, { method, token: alice.token, session: own(), body: method === 'POST' ? list() : undefined }), 404);
      }
      const session = await Session.open(base, alice.token);
      await refusedWith(await to(session.id), 404, -32600);
      assert.ok((await open.request('ping')).result, 'and it goes on');
    }],
    ['G-02, S24-06: who POSTs to /sse is told to GET, and what is no POST at /messages to POST', async () => {
      for (const [path, method, allow] of [
        ['/sse', 'POST', 'GET'], ['/sse', 'DELETE', 'GET'], ['/messages', 'GET', 'POST'], ['/messages', 'DELETE', 'POST'],
      ]) {
        const answer = await sendTo(base, path, { method, token: alice.token, body: method === 'POST' ? initializeBody() : undefined });
        assert.ok(answer.header('allow').split(', ').includes(allow), `${method} ${path}`);
        await statusOnly(answer, 405);
      }
    }],
    ['R2: a GET that takes no event stream is 406', async () => {
      await statusOnly(await sendTo(base, '/sse', { method: 'GET', token: alice.token, headers: { accept: 'application/json' } }), 406);
    }],
  ]);
});

describe('who may come', limit, () => {
  const both = async (options) => {
    const { endpoint, close } = await Connection.open(base, alice.token).then((it) => ({ endpoint: it.endpoint, close: () => it.close() }));
    const answers = [
      await sendTo(base, '/sse', { method: 'GET', ...options }),
      await sendTo(base, endpoint, { body: initializeBody(), ...options }),
    ];
    close();
    return answers;
  };

  test('S24-04, G-01: a page of another origin gets 403 on both paths', async () => {
    for (const answer of await both({ token: alice.token, headers: { origin: 'https://evil.example' } })) {
      assert.equal(answer.header('access-control-allow-origin'), undefined);
      await statusOnly(answer, 403);
    }
  });

  test('S24-04, G-03: no token, or a bad one, gets 401 on both paths, with a challenge that leads to this resource', async () => {
    for (const token of [undefined, 'nonsense']) {
      for (const answer of await both({ token })) {
        const [, metadata] = /resource_metadata="([^"]+)"/.exec(answer.header('www-authenticate'));
        await statusOnly(answer, 401);
        const document = await sendTo(base, metadata, { method: 'GET', headers: { accept: '*/*' } });
        assert.equal((await document.json()).resource, `${base}/sse`);
      }
    }
  });

  test('S24-04: a token in the query is not one', async () => {
    await statusOnly(await sendTo(base, `/sse?access_token=${alice.token}`, { method: 'GET' }), 401);
  });

  test('S24-04: another host gets 421 on both paths', async () => {
    for (const answer of await both({ token: alice.token, headers: { host: 'evil.example' } })) await statusOnly(answer, 421);
  });

  test('§9 Q13: a page may ask beforehand on both paths', async () => {
    for (const path of ['/sse', '/messages']) {
      const answer = await sendTo(base, path, { method: 'OPTIONS', headers: { origin: base, 'access-control-request-method': 'POST' } });
      assert.equal(answer.header('access-control-allow-origin'), '*');
      await statusOnly(answer, 204);
    }
  });
});

describe('the handshake', limit, () => {
  for (const [asked, answered] of [
    ['2024-11-05', '2024-11-05'], ['2025-03-26', '2025-03-26'], ['2025-06-18', '2025-06-18'], ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'], ['1999-01-01', '2025-11-25'],
  ]) {
    test(`S24-05, L-INIT-01, L-INIT-02: who asks for ${asked} gets ${answered}`, async () => {
      const connection = await Connection.ready(base, alice.token, { revision: asked });
      const { protocolVersion, capabilities, serverInfo } = connection.initialized;
      assert.equal(protocolVersion, answered);
      assert.ok(capabilities.tools && serverInfo.name);
      connection.close();
    });
  }

  test('S24-05: 2024-11-05 is not offered on the endpoint', async () => {
    const session = await Session.open(base, alice.token, { revision: '2024-11-05' });
    assert.equal(session.revision, '2025-11-25');
  });

  test('L-GATE-01: tools of 2024-11-05 have no annotations, titles or output schemas', async () => {
    const connection = await Connection.ready(base, alice.token);
    const { result } = await connection.request('tools/list');
    for (const tool of result.tools) {
      for (const later of ['annotations', 'title', 'outputSchema', 'icons', 'execution']) assert.ok(!(later in tool), `${tool.name}: ${later}`);
    }
    assert.equal(connection.initialized.capabilities.completions, undefined);
    connection.close();
  });

  test('S24-05, L-INIT-01, L-PING-01: before initialize only ping is served, and it is done once', async () => {
    const connection = await Connection.open(base, alice.token);
    assert.deepEqual((await connection.request('ping')).result, {});
    assert.equal((await connection.request('tools/list')).error.code, -32600);
    assert.equal((await connection.request('initialize', { protocolVersion: '2024-11-05' })).error.code, -32602);
    const { params } = initializeBody('2024-11-05');
    assert.ok((await connection.request('initialize', params)).result);
    assert.equal((await connection.request('initialize', params)).error.code, -32600);
    assert.ok((await connection.request('tools/list')).result);
    connection.close();
  });

  test('S24-05: no headers of later transports are needed or heeded', async () => {
    const connection = await Connection.ready(base, alice.token);
    const headers = { 'mcp-protocol-version': '1999-01-01', 'mcp-session-id': 'made-up', 'mcp-method': 'no/such' };
    const body = { jsonrpc: '2.0', id: nextId(), method: 'ping' };
    assert.equal((await connection.post(body, { headers })).status, 202);
    assert.ok((await connection.reply(body.id)).result);
    connection.close();
  });
});

describe('the end', limit, () => {
  test('S24-03, S24-05: the session ends with its connection; nothing is taken up again', async () => {
    const connection = await Connection.ready(base, alice.token);
    assert.equal(textOf(await connection.request('tools/call', call('count'))), '1');
    connection.close();
    const deadline = Date.now() + LEFT_MS;
    let answer = await connection.post(list());
    while (answer.status === 202 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = await connection.post(list());
    }
    await refusedWith(answer, 404, -32600);
    const again = await Connection.open(base, alice.token, { headers: { 'last-event-id': '0-1-x' } });
    assert.notEqual(again.endpoint, connection.endpoint);
    assert.equal((await again.request('tools/list')).error.code, -32600, 'it begins anew');
    again.close();
  });

  test('S24-05: a connection outlives its quiet', async () => {
    const connection = await Connection.ready(base, alice.token);
    assert.ok(await connection.events.quiet(3_000));
    assert.ok((await connection.request('ping')).result);
    connection.close();
  });
});

test('HTTP_SSE = "off": neither path is there, and the endpoint still is', { timeout: 300_000 }, async () => {
  const without = await startServer({ vars: { HTTP_SSE: 'off' } });
  try {
    const { token } = await logIn(without.url);
    await statusOnly(await sendTo(without.url, '/sse', { method: 'GET', token }), 404);
    await statusOnly(await sendTo(without.url, '/messages', { token, body: initializeBody() }), 404);
    await statusOnly(await sendTo(without.url, '/.well-known/oauth-protected-resource/sse', { method: 'GET' }), 404);
    assert.ok((await Session.open(without.url, token)).id);
  } finally {
    await without.stop();
  }
});

describe('SSEClientTransport of @modelcontextprotocol/sdk 1', { timeout: 120_000 }, () => {
  const user = someone('sse');
  let client;

  before(async () => {
    ({ client } = await connectByLogin({
      makeClient: () => new Client({ name: 'sessile-tests', version: '1' }, { capabilities: { elicitation: {} } }),
      Transport: SSEClientTransport,
      url: `${base}/sse`,
      user,
      finish: (transport, redirect) => transport.finishAuth(redirect.searchParams.get('code')),
    }));
  }, { timeout: 60_000 });

  after(() => client?.close());

  const text = (result) => {
    assert.ok(!result.isError, JSON.stringify(result));
    return result.content[0].text;
  };

  test('S24-01, S24-04: logs in with its own code, connects, lists, calls, and is who it is', async () => {
    const { tools } = await client.listTools();
    for (const wanted of ['echo', 'count', 'progress', 'ask', 'whoami']) assert.ok(tools.some(({ name }) => name === wanted), wanted);
    assert.equal(text(await client.callTool({ name: 'echo', arguments: { text: 'from an SDK' } })), 'from an SDK');
    assert.ok(text(await client.callTool({ name: 'whoami', arguments: {} })).includes(user));
  });

  test('S24-02: counts in its session', async () => {
    assert.equal(text(await client.callTool({ name: 'count', arguments: {} })), '1');
    assert.equal(text(await client.callTool({ name: 'count', arguments: {} })), '2');
  });

  test('S24-02: gets progress while a call runs', async () => {
    const seen = [];
    const options = { onprogress: ({ progress }) => seen.push(progress), timeout: 20_000 };
    text(await client.callTool({ name: 'progress', arguments: { steps: 3, delay_ms: 20 } }, undefined, options));
    // The SDK hands out notifications later than responses: one that arrives together with its response is dropped.
    assert.ok(seen.length >= 2, `${seen}`);
    assert.deepEqual(seen, [1, 2, 3].slice(0, seen.length));
  });

  test('S24-02: answers a question', async () => {
    client.setRequestHandler(ElicitRequestSchema, (request) => ({ action: 'accept', content: fillForm(request.params.requestedSchema, 'vermilion') }));
    assert.ok(text(await client.callTool({ name: 'ask', arguments: { question: 'Which colour?' } })).includes('vermilion'));
  });
});
