// Questions to a stateless client: whom a tool may ask, and what the client carries between two rounds, sealed, of one
// user, for one request. Ids are rows of the protocol checklist. That it expires is tested natively: an hour is too long to wait.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { modern, textOf } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

// The server is public; who sends a token is nevertheless known by it.
const { base, alice, mallory } = await serve({ example: 'conformance', people: ['alice', 'mallory'] });
const nobody = { token: undefined };

const ASKING = 'test_input_required_result_request_state';
/** Another tool with the same code. */
const TWIN = 'test_input_required_result_tampered_state';
const TWICE = 'test_input_required_result_multi_round';

const able = { capabilities: { elicitation: {}, sampling: {}, roots: {} } };
const accepted = (content) => ({ action: 'accept', content });
const AGREED = { confirm: accepted({ ok: true }) };

const call = (who, name, more = {}, options = able) => modern(base, who.token, 'tools/call', { name, arguments: {}, ...more }, options);
const retry = (who, requestState, { name = ASKING, inputResponses = AGREED, ...more } = {}) => call(who, name, { requestState, inputResponses, ...more });

/** A first round, and the state it ends with. */
async function asked(who, name = ASKING) {
  const { result, error, status } = await call(who, name);
  assert.deepEqual([status, result?.resultType], [200, 'input_required'], JSON.stringify(error ?? result));
  assert.equal(typeof result.requestState, 'string');
  assert.deepEqual([result.ttlMs, result.cacheScope], [undefined, undefined], 'M-CACHE-01: nobody keeps a question');
  return result.requestState;
}

/** Refused as a fault of the params, and nothing was done. */
function refused({ status, result, error }) {
  assert.equal(result, undefined, JSON.stringify(result));
  assert.deepEqual([status, error.code], [200, -32602], JSON.stringify(error));
}

describe('what a client can be asked', together, () => {
  for (const [tool, needed, declared] of [
    ['test_missing_capability', 'sampling', {}],
    ['test_missing_capability', 'sampling', { elicitation: {}, roots: {} }],
    ['test_input_required_result_elicitation', 'elicitation', { sampling: {} }],
    ['test_input_required_result_elicitation', 'elicitation', { elicitation: { url: {} } }],
    ['test_input_required_result_list_roots', 'roots', { elicitation: {} }],
    ['test_input_required_result_multiple_inputs', 'roots', { elicitation: {}, sampling: {} }],
  ]) {
    test(`M-CAP-01, M-MRTR-02, ERA-05, §9 Q14: ${tool} of a client with ${Object.keys(declared).join(', ') || 'nothing'} is 400 with -32021`, async () => {
      const { status, error, id, sentId } = await call(alice, tool, {}, { capabilities: declared });
      assert.deepEqual([status, error?.code, id], [400, -32021, sentId], JSON.stringify(error));
      assert.ok(needed in error.data.requiredCapabilities, JSON.stringify(error.data));
    });
  }

  test('M-MRTR-02: a tool asks each client for what it can be asked only', async () => {
    for (const [capabilities, keys] of [[{ elicitation: {} }, ['user_name']], [{ sampling: {} }, ['greeting']], [{ elicitation: { form: {} }, sampling: {} }, ['greeting', 'user_name']]]) {
      const { result } = await call(alice, 'test_input_required_result_capabilities', {}, { capabilities });
      assert.deepEqual(Object.keys(result.inputRequests).sort(), keys);
    }
    assert.match(textOf(await call(alice, 'test_input_required_result_capabilities', {}, {})), /nothing/);
  });
});

describe('requestState', together, () => {
  test('M-MRTR-01, M-MRTR-03: it comes back with the answer, and the tool finds what it remembered', async () => {
    const { result } = await retry(alice, await asked(alice));
    assert.equal(result.resultType, 'complete');
    assert.equal(result.content[0].text, 'state-ok, confirmed: true');
    assert.equal(result.requestState, undefined);
  });

  test('M-MRTR-03: it shows nothing of what the tool remembers', async () => {
    const state = await asked(alice);
    for (const shown of [state, Buffer.from(state, 'base64url').toString('latin1')]) assert.ok(!shown.includes('asked') && !shown.includes(alice.user), shown);
    assert.notEqual(await asked(alice), state, 'two of the same are not alike');
  });

  for (const [what, alter] of [
    ['in its middle', (state) => `${state.slice(0, state.length >> 1)}${state[state.length >> 1] === 'A' ? 'B' : 'A'}${state.slice((state.length >> 1) + 1)}`],
    ['at its beginning', (state) => `${state[0] === 'A' ? 'B' : 'A'}${state.slice(1)}`],
    ['by cutting', (state) => state.slice(0, -8)],
    ['by adding', (state) => `${state}AAAA`],
    ['to nothing', () => ''],
    ['to a number', () => 7],
    ['to one that is far too long', () => 'A'.repeat(300_000)],
  ]) {
    test(`M-MRTR-03: one that was altered ${what} is refused`, async () => {
      refused(await retry(alice, alter(await asked(alice))));
    });
  }

  test('M-MRTR-04: one of another tool is refused, though the code is the same', async () => {
    refused(await retry(alice, await asked(alice), { name: TWIN }));
    assert.equal(textOf(await retry(alice, await asked(alice, TWIN), { name: TWIN })), 'state-ok, confirmed: true');
  });

  test('M-MRTR-04: one of other arguments is refused', async () => {
    refused(await retry(alice, await asked(alice), { arguments: { more: 1 } }));
  });

  test('M-MRTR-04: one of a tool is refused by a prompt and by a resource', async () => {
    const requestState = await asked(alice);
    for (const [method, params] of [['prompts/get', { name: ASKING }], ['resources/read', { uri: 'test://static-text' }]]) {
      refused(await modern(base, alice.token, method, { ...params, requestState, inputResponses: AGREED }, able));
    }
  });

  test('M-MRTR-04, SEC-01, SEC-10: one of another user is refused, and so is one of nobody', async () => {
    const [hers, nobodys] = [await asked(alice), await asked(nobody)];
    refused(await retry(mallory, hers));
    refused(await retry(nobody, hers));
    refused(await retry(mallory, nobodys));
    assert.equal(textOf(await retry(alice, hers)), 'state-ok, confirmed: true', 'the attempts used nothing up');
    assert.equal(textOf(await retry(nobody, nobodys)), 'state-ok, confirmed: true');
  });

  test('M-MRTR-05: a retry is a request like any other: sent again after success, it is served again', async () => {
    const state = await asked(alice);
    const replies = [await retry(alice, state), ...await Promise.all([retry(alice, state), retry(alice, state)])];
    for (const reply of replies) assert.equal(textOf(reply), 'state-ok, confirmed: true');
    assert.equal(new Set(replies.map(({ id }) => id)).size, 3);
  });

  test('M-MRTR-06: a retry that answers something else is asked again, and one with the wrong shape too', async () => {
    const state = await asked(alice);
    for (const inputResponses of [{}, { other: accepted({ ok: true }) }]) {
      const { result, error } = await retry(alice, state, { inputResponses });
      assert.equal(result?.resultType, 'input_required', JSON.stringify(error ?? result));
    }
    for (const inputResponses of [{ confirm: accepted({ ok: 'perhaps' }) }, { confirm: { action: 'shrug' } }, { confirm: 7 }]) {
      const { result, error } = await retry(alice, state, { inputResponses });
      assert.ok(error ?? (result.resultType === 'input_required' || result.isError), JSON.stringify(result));
    }
  });

  test('M-MRTR-06: an answer is of no use without the state that the tool wants beside it', async () => {
    const { result } = await call(alice, ASKING, { inputResponses: AGREED });
    assert.equal(result.resultType, 'input_required');
  });

  test('M-MRTR-02: in the second round the client has to be able to be asked, too', async () => {
    const first = (await call(alice, TWICE)).result;
    const { status, error } = await call(alice, TWICE, { requestState: first.requestState, inputResponses: { step1: accepted({ name: 'Ada' }) } }, {});
    assert.deepEqual([status, error?.code], [400, -32021]);
    assert.ok('elicitation' in error.data.requiredCapabilities);
  });

  test('M-MRTR-05: answers of earlier rounds travel in it: each round sends its own only', async () => {
    const first = (await call(alice, TWICE)).result;
    const second = (await call(alice, TWICE, { requestState: first.requestState, inputResponses: { step1: accepted({ name: 'Ada' }) } })).result;
    assert.deepEqual(Object.keys(second.inputRequests), ['step2']);
    const last = { step2: accepted({ color: 'teal' }) };
    assert.equal(textOf(await call(alice, TWICE, { requestState: second.requestState, inputResponses: last })), 'Ada likes teal.');
    const skipped = (await call(alice, TWICE, { requestState: first.requestState, inputResponses: last })).result;
    assert.deepEqual(Object.keys(skipped.inputRequests), ['step1'], 'the first state knows no answer');
  });
});
