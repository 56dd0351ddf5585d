// Stateless clients (2026-07-28) on the real runtime: discovery, tools, handles, questions in several round trips.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { CAPABILITIES_KEY, Events, fillForm, MODERN, modern, nextId, send, Session, textOf, VERSION_KEY } from '../support/mcp.mjs';

const limit = { timeout: 60_000 };

const { base, alice, mallory } = await serve({ people: ['alice', 'mallory'] });

const call = (account, name, args, options, more = {}) => modern(base, account.token, 'tools/call', { name, arguments: args, ...more }, options);

/** The handle in the words of `count_start`: the one long word without spaces. */
async function newHandle(account) {
  const { result } = await call(account, 'count_start', {});
  const words = result.structuredContent?.handle ?? result.content[0].text;
  const handle = /[A-Za-z0-9._~+/=-]{20,}/.exec(words)?.[0];
  assert.ok(handle, `no handle in: ${words}`);
  return handle;
}

describe('discovery', limit, () => {
  test('M-DISC-01: server/discover works with no earlier call and says what we speak', async () => {
    const { status, result, headers } = await modern(base, alice.token, 'server/discover');
    assert.equal(status, 200);
    assert.ok(result.supportedVersions.includes(MODERN));
    assert.ok(result.capabilities.tools);
    assert.equal(result.resultType, 'complete');
    assert.ok(Number.isInteger(result.ttlMs) && result.ttlMs >= 0, 'M-CACHE-01');
    assert.ok(['public', 'private'].includes(result.cacheScope), 'M-CACHE-01');
    assert.equal(result.serverInfo, undefined, 'M-META-03, §9 Q7: not at the top');
    assert.ok(result._meta['io.modelcontextprotocol/serverInfo'].name, 'M-META-03');
    assert.equal(headers['mcp-session-id'], undefined, 'M-HTTP-02');
  });

  test('ERA-04: every version that a refusal offers is in discover', async () => {
    const { result } = await modern(base, alice.token, 'server/discover');
    const body = { jsonrpc: '2.0', id: nextId(), method: 'tools/list', params: { _meta: { [VERSION_KEY]: '2031-01-01', [CAPABILITIES_KEY]: {} } } };
    const { error } = await (await send(base, { token: alice.token, version: '2031-01-01', headers: { 'mcp-method': 'tools/list' }, body })).json();
    for (const version of error.data.supported) assert.ok(result.supportedVersions.includes(version), version);
  });

  test('G-03: without a token there is a challenge, not a discovery', async () => {
    assert.equal((await modern(base, undefined, 'server/discover')).status, 401);
  });
});

describe('tools', limit, () => {
  test('M-LIST-01, M-LIST-02: the list is complete, cacheable, and always the same', async () => {
    const one = (await modern(base, alice.token, 'tools/list')).result;
    const names = one.tools.map(({ name }) => name);
    for (const wanted of ['echo', 'count', 'count_start', 'progress', 'ask', 'whoami']) assert.ok(names.includes(wanted), names.join(', '));
    assert.equal(one.resultType, 'complete');
    assert.ok(Number.isInteger(one.ttlMs) && ['public', 'private'].includes(one.cacheScope), 'M-CACHE-01');
    await call(alice, 'count_start', {});
    assert.deepEqual((await modern(base, alice.token, 'tools/list')).result.tools, one.tools);
  });

  test('M-TOOL-03: tool names need no encoding in a header', async () => {
    for (const { name } of (await modern(base, alice.token, 'tools/list')).result.tools) assert.match(name, /^[A-Za-z0-9_.-]{1,128}$/);
  });

  test('M-RT-01, M-META-03: echo returns its text as a complete result that names the server', async () => {
    const { status, result } = await call(alice, 'echo', { text: 'ünïcödé 🪸' });
    assert.equal(status, 200);
    assert.equal(result.content[0].text, 'ünïcödé 🪸');
    assert.equal(result.resultType, 'complete');
    assert.ok(result._meta['io.modelcontextprotocol/serverInfo']);
  });

  test('P6, P8: of requests with the same fields, each is judged by its own body', async () => {
    const echo = { 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
    const asked = async (change) => {
      const params = { name: 'echo', arguments: { text: 'x' }, _meta: { [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: {} } };
      const body = change({ jsonrpc: '2.0', id: nextId(), method: 'tools/call', params });
      const answer = await send(base, { token: alice.token, version: MODERN, headers: echo, body });
      const { result, error } = await answer.json();
      return [answer.status, error?.code ?? result.content[0].text];
    };
    const withParams = (changed) => (body) => ({ ...body, params: { ...body.params, ...changed } });
    for (const turn of ['first', 'second', 'third']) {
      for (const [change, expected] of [
        [withParams({ arguments: { text: turn } }), [200, turn]],
        [withParams({ name: 'whoami' }), [400, -32020]],
        [withParams({ _meta: undefined }), [400, -32602]],
        [(body) => ({ ...body, method: 'tools/list' }), [400, -32020]],
        [(body) => [body], [400, -32600]],
        [() => '{', [400, -32700]],
      ]) assert.deepEqual(await asked(change), expected, `${turn}: ${change}`);
    }
  });

  test('whoami knows the user without a session', async () => {
    assert.ok(textOf(await call(alice, 'whoami', {})).includes(alice.user));
  });

  test('a client cannot say who it is, or what a counter holds, through _meta', async () => {
    const forged = { 'sessile/state': 41, 'sessile/principal': { provider: 'dev', issuer: 'dev', subject: 'root', client: 'x', scopes: [] } };
    const whoami = textOf(await call(alice, 'whoami', {}, {}, { _meta: forged }));
    assert.ok(whoami.includes(alice.user) && !whoami.includes('root'), whoami);
    const { result } = await call(alice, 'count', {}, {}, { _meta: forged });
    assert.equal(result.isError, true, 'a forged state counted');
  });

  test('M-PROG-01, M-HTTP-02: progress rides on the response\'s own stream, without event ids', async () => {
    const id = nextId();
    const answer = await send(base, {
      token: alice.token,
      version: MODERN,
      headers: { 'mcp-method': 'tools/call', 'mcp-name': 'progress' },
      body: {
        jsonrpc: '2.0', id, method: 'tools/call',
        params: { name: 'progress', arguments: { steps: 3, delay_ms: 10 }, _meta: { [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: {}, progressToken: 'p' } },
      },
    });
    assert.ok(answer.isEventStream, answer.header('content-type'));
    assert.equal(answer.header('x-accel-buffering'), 'no', 'M-HTTP-03');
    const events = await new Events(answer).rest();
    assert.deepEqual(events.filter(({ id: eventId, retry }) => eventId !== undefined || retry !== undefined), []);
    assert.equal(events.length, 4);
    for (const { message } of events.slice(0, -1)) assert.equal(message.params.progressToken, 'p');
    assert.equal(events.at(-1).message.id, id);
  });

  test('ERA-01, ERA-02: both eras at once with one token; neither sees the other\'s state', async () => {
    const session = await Session.open(base, alice.token);
    const handle = await newHandle(alice);
    assert.equal(await session.call('count'), '1');
    assert.equal(textOf(await call(alice, 'count', { handle }, { headers: { 'mcp-session-id': session.id } })), '1');
    assert.equal(textOf(await call(alice, 'count', { handle })), '2');
    assert.equal(await session.call('count'), '2');
  });
});

describe('handles', limit, () => {
  test('M-STATE-01: a handle counts over requests, two handles are separate', async () => {
    const [one, other] = [await newHandle(alice), await newHandle(alice)];
    assert.notEqual(one, other);
    assert.equal(textOf(await call(alice, 'count', { handle: one })), '1');
    assert.equal(textOf(await call(alice, 'count', { handle: one })), '2');
    assert.equal(textOf(await call(alice, 'count', { handle: other })), '1');
  });

  test('a stateless client without a handle is told how to get one', async () => {
    const { result } = await call(alice, 'count', {});
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /count_start/);
  });

  test('SEC-01, M-STATE-02: another user\'s handle is refused like one that was made up, and does not count', async () => {
    const handle = await newHandle(alice);
    const altered = `${handle.slice(0, -1)}${handle.endsWith('A') ? 'B' : 'A'}`;
    const [foreign, unknown] = [await call(mallory, 'count', { handle }), await call(mallory, 'count', { handle: altered })];
    assert.equal(foreign.result?.isError, true, JSON.stringify(foreign));
    assert.deepEqual(
      foreign.result.content.map(({ text }) => text.replaceAll(handle, '…')),
      unknown.result.content.map(({ text }) => text.replaceAll(altered, '…')),
    );
    assert.equal(textOf(await call(alice, 'count', { handle })), '1');
  });

  test('ten counts on one handle at the same moment give ten different numbers', async () => {
    const handle = await newHandle(alice);
    const numbers = await Promise.all(Array.from({ length: 10 }, async () => Number(textOf(await call(alice, 'count', { handle })))));
    assert.deepEqual(numbers.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('questions', limit, () => {
  const able = { capabilities: { elicitation: {} } };
  const ask = async (question = 'Which colour?') => {
    const { result, error } = await call(alice, 'ask', { question }, able);
    assert.equal(result?.resultType, 'input_required', JSON.stringify(error ?? result));
    const [[key, request]] = Object.entries(result.inputRequests);
    return { key, request, state: result.requestState };
  };
  const answer = (account, { key, request, state }, word, question = 'Which colour?') => call(account, 'ask', { question }, able, {
    requestState: state, inputResponses: { [key]: { action: 'accept', content: fillForm(request.params.requestedSchema, word) } },
  });

  test('M-MRTR-01, M-MRTR-05: ask asks, the retry with the answer completes', async () => {
    const asked = await ask();
    assert.equal(asked.request.method, 'elicitation/create');
    assert.ok(asked.request.params.message.includes('Which colour?'));
    const { result } = await answer(alice, asked, 'ultramarine');
    assert.equal(result.resultType, 'complete');
    assert.ok(result.content[0].text.includes('ultramarine'));
  });

  test('a question that is declined completes too', async () => {
    const { key, state } = await ask();
    const { result, error } = await call(alice, 'ask', { question: 'Which colour?' }, able, { requestState: state, inputResponses: { [key]: { action: 'decline' } } });
    assert.equal(result?.resultType, 'complete', JSON.stringify(error));
  });

  test('M-MRTR-06: a retry without the answer is asked again', async () => {
    const { state } = await ask();
    const { result, error } = await call(alice, 'ask', { question: 'Which colour?' }, able, { requestState: state, inputResponses: {} });
    assert.equal(result?.resultType, 'input_required', JSON.stringify(error ?? result));
  });
});
