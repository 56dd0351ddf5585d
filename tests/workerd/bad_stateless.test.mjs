// Bad input of stateless clients (2026-07-28): headers against body, `_meta`, handles and request states.
// Each row says what is sent and the exact answer it must get; ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { CAPABILITIES_KEY, LATEST_WITH_SESSIONS, MODERN, modern, send, VERSION_KEY } from '../support/mcp.mjs';
import { refusedWith, rows, statusOnly } from '../support/refusals.mjs';

const { base, alice } = await serve({ people: ['alice'] });

describe('stateless requests', () => {
  const refused = ({ status, error, id, sentId }, wantedStatus, code) => {
    assert.deepEqual([status, error?.code], [wantedStatus, code], JSON.stringify(error));
    assert.equal(id, sentId, 'M-ERR-01: the error carries the request\'s id');
    return error;
  };
  const withMeta = (change) => (body) => ({ ...body, params: { ...body.params, _meta: change({ ...body.params._meta }) } });
  const without = (key) => withMeta((meta) => {
    delete meta[key];
    return meta;
  });

  rows([
    ['P1: the version only in the body is a missing header', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': undefined } }), 400, -32020);
    }],
    ['P2: two versions that differ are a header fault', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': LATEST_WITH_SESSIONS } }), 400, -32020);
      refused(await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-protocol-version': '1999-01-01' } }), 400, -32020);
    }],
    ['P3, M-VER-01: a version nobody knows is refused with what we know', async () => {
      const error = refused(await modern(base, alice.token, 'tools/list', {}, {
        headers: { 'mcp-protocol-version': '2031-01-01' }, spoil: withMeta((meta) => ({ ...meta, [VERSION_KEY]: '2031-01-01' })),
      }), 400, -32022);
      assert.ok(error.data.supported.includes(MODERN));
      assert.equal(error.data.requested, '2031-01-01');
    }],
    ['P5, §9 Q2: a revision that needs a session is not served without one', async () => {
      const error = refused(await modern(base, alice.token, 'tools/list', {}, {
        headers: { 'mcp-protocol-version': LATEST_WITH_SESSIONS }, spoil: withMeta((meta) => ({ ...meta, [VERSION_KEY]: LATEST_WITH_SESSIONS })),
      }), 400, -32022);
      assert.deepEqual(error.data.supported, [MODERN]);
    }],
    ['P6, M-META-01: no version in the body is a fault of the params, not of the headers', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: without(VERSION_KEY) }), 400, -32602);
    }],
    ['P6, M-META-01: no _meta at all is a fault of the params', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: (body) => ({ ...body, params: {} }) }), 400, -32602);
    }],
    ['P7, M-META-01: no client capabilities is a fault of the params', async () => {
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: without(CAPABILITIES_KEY) }), 400, -32602);
      refused(await modern(base, alice.token, 'tools/list', {}, { spoil: withMeta((meta) => ({ ...meta, [CAPABILITIES_KEY]: [] })) }), 400, -32602);
    }],
    ['P7: a client that does not name itself is served', async () => {
      const reply = await modern(base, alice.token, 'tools/list', {}, { spoil: without('io.modelcontextprotocol/clientInfo') });
      assert.equal(reply.status, 200, JSON.stringify(reply.error));
    }],
    ...[
      ['without Mcp-Method', 'tools/list', {}, { 'mcp-method': undefined }],
      ['with another Mcp-Method', 'tools/list', {}, { 'mcp-method': 'tools/call' }],
      ['with Mcp-Method in another case', 'tools/list', {}, { 'mcp-method': 'TOOLS/LIST' }],
      ['without Mcp-Name', 'tools/call', { name: 'echo', arguments: { text: 'x' } }, { 'mcp-name': undefined }],
      ['with another Mcp-Name', 'tools/call', { name: 'echo', arguments: { text: 'x' } }, { 'mcp-name': 'whoami' }],
      ['with broken base64 in Mcp-Name', 'tools/call', { name: 'echo', arguments: { text: 'x' } }, { 'mcp-name': '=?base64?!!!?=' }],
    ].map(([what, method, params, headers]) => [`P8, M-HDR-01 to 03, SEC-11: a request ${what} is -32020`, async () => {
      refused(await modern(base, alice.token, method, params, { headers }), 400, -32020);
    }]),
    ['M-HDR-03: an encoded Mcp-Name is decoded before it is compared', async () => {
      const reply = await modern(base, alice.token, 'tools/call', { name: 'echo', arguments: { text: 'x' } }, {
        headers: { 'mcp-name': `=?base64?${Buffer.from('echo').toString('base64')}?=` },
      });
      assert.equal(reply.status, 200, JSON.stringify(reply.error));
    }],
    ...['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tasks/list', 'no/such', 'initialize']
      .map((method) => [`P9, M-CAP-02: ${method} does not exist there`, async () => {
        refused(await modern(base, alice.token, method, {}), 404, -32601);
      }]),
    ['P10: a session id is ignored and never answered', async () => {
      const reply = await modern(base, alice.token, 'tools/list', {}, { headers: { 'mcp-session-id': 'made-up' } });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers['mcp-session-id'], undefined);
    }],
    ['N2: a notification is accepted without any further header', async () => {
      const answer = await send(base, { token: alice.token, version: MODERN, body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } } });
      await statusOnly(answer, 202);
    }],
    ['N6: a modern client sends no responses', async () => {
      await refusedWith(await send(base, { token: alice.token, version: MODERN, body: { jsonrpc: '2.0', id: 1, result: {} } }), 400, -32600, undefined);
    }],
    ['M-TOOL-01, §9 Q1: an unknown tool is -32602 in HTTP 200 (ERA-06)', async () => {
      const reply = await modern(base, alice.token, 'tools/call', { name: 'no-such-tool', arguments: {} });
      refused(reply, 200, -32602);
    }],
    ['M-CAP-01, M-MRTR-02: a tool that must ask needs a client that can be asked', async () => {
      const reply = await modern(base, alice.token, 'tools/call', { name: 'ask', arguments: { question: 'Why?' } });
      const error = refused(reply, 400, -32021);
      assert.ok('elicitation' in error.data.requiredCapabilities, JSON.stringify(error.data));
    }],
    ['M-STATE-02: a handle that nobody minted is a tool\'s own error', async () => {
      for (const handle of ['made-up', '', 'x'.repeat(4_000)]) {
        const reply = await modern(base, alice.token, 'tools/call', { name: 'count', arguments: { handle } });
        assert.equal(reply.result?.isError, true, `${handle.slice(0, 20)}: ${JSON.stringify(reply.error)}`);
      }
    }],
    ['M-MRTR-06: a request state that we did not seal, with an answer to nothing we asked, completes nothing', async () => {
      const reply = await modern(base, alice.token, 'tools/call', {
        name: 'ask', arguments: { question: 'Why?' }, requestState: 'made-up', inputResponses: { 'no-such-key': { action: 'accept', content: { answer: 'x' } } },
      }, { capabilities: { elicitation: {} } });
      assert.ok(reply.error?.code === -32602 || reply.result?.resultType === 'input_required', JSON.stringify(reply));
    }],
  ]);
});
