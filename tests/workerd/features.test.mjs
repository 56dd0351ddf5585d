// Lists, prompts, resources, completion and logging, each in a session and without one: the same things in the words
// of each era. Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { initializeBody, modern, replyOf, send, Session } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

const { base } = await serve({ example: 'conformance' });
const session = await Session.open(base);

/** How a client of each era asks. */
const ERAS = [
  { era: 'in a session', isModern: false, ask: (method, params) => session.request(method, params) },
  { era: 'statelessly', isModern: true, ask: (method, params) => modern(base, undefined, method, params) },
];

/** The members that only a stateless result has, as its method wants them. */
function inTheWordsOf(isModern, result, { cacheable }) {
  const has = (member) => result[member] !== undefined;
  if (!isModern) return assert.ok(!has('resultType') && !has('ttlMs') && !has('cacheScope'), `L-GATE-02: ${JSON.stringify(result)}`);
  assert.equal(result.resultType, 'complete', 'M-RT-01');
  assert.ok(result._meta['io.modelcontextprotocol/serverInfo'].name, 'M-META-03');
  assert.deepEqual([has('ttlMs'), has('cacheScope')], [cacheable, cacheable], 'M-CACHE-01');
  if (!cacheable) return undefined;
  assert.ok(Number.isInteger(result.ttlMs) && result.ttlMs >= 0, 'M-CACHE-01');
  return assert.ok(['public', 'private'].includes(result.cacheScope), 'M-CACHE-01');
}

/** An error in HTTP 200: checklist ERA-06. */
function failsWith(reply, code) {
  assert.deepEqual([reply.status, reply.error?.code], [200, code], JSON.stringify(reply));
  assert.equal(reply.result, undefined);
  return reply.error;
}

describe('what is advertised', together, () => {
  const everything = ({ completions, logging, prompts, resources, tools }) => {
    for (const list of [prompts, resources, tools]) assert.equal(list.listChanged, true);
    assert.equal(resources.subscribe, true);
    assert.deepEqual([completions, logging], [{}, {}]);
  };
  for (const revision of ['2025-11-25', '2025-06-18', '2025-03-26']) {
    test(`L-INIT-03, L-GATE-01: a session of ${revision} is told of everything that is served`, async () => {
      everything((await replyOf(await send(base, { body: initializeBody(revision) }))).result.capabilities);
    });
  }
  test('L-INIT-03, M-DISC-01: a stateless client is told the same', async () => {
    everything((await modern(base, undefined, 'server/discover')).result.capabilities);
  });
});

describe('lists', together, () => {
  for (const [method, member, key, wanted] of [
    ['tools/list', 'tools', 'name', 'test_simple_text'],
    ['prompts/list', 'prompts', 'name', 'test_prompt_with_arguments'],
    ['resources/list', 'resources', 'uri', 'test://static-text'],
    ['resources/templates/list', 'resourceTemplates', 'uriTemplate', 'test://template/{id}/data'],
  ]) {
    for (const { era, isModern, ask } of ERAS) {
      test(`M-CACHE-01, L-GATE-02: ${method} ${era} is whole, in its era's words, and has no cursor to go on with`, async () => {
        const { result } = await ask(method, {});
        const keys = result[member].map((entry) => entry[key]);
        assert.ok(keys.includes(wanted), keys.join(', '));
        assert.equal(new Set(keys).size, keys.length);
        assert.equal(result.nextCursor, undefined);
        inTheWordsOf(isModern, result, { cacheable: true });
      });

      for (const cursor of ['made-up', '', 'x'.repeat(10_000), 7]) {
        test(`M-LIST-02: ${method} ${era} refuses the cursor ${JSON.stringify(cursor).slice(0, 12)}, which it never gave`, async () => {
          failsWith(await ask(method, { cursor }), -32602);
        });
      }
    }

    test(`M-LIST-01, M-LIST-02: ${method} says the same to both eras, to every session, and after other calls`, async () => {
      const lists = await Promise.all(ERAS.map(async ({ ask }) => (await ask(method, {})).result[member]));
      assert.deepEqual(lists[0].map((entry) => entry[key]), lists[1].map((entry) => entry[key]));
      await session.call('test_simple_text');
      const other = await Session.open(base);
      assert.deepEqual((await other.request(method, {})).result[member], lists[0]);
    });
  }
});

for (const { era, isModern, ask } of ERAS) {
  describe(`prompts ${era}`, together, () => {
    const get = (name, args) => ask('prompts/get', { name, arguments: args });

    test('L-GATE-02, M-RT-01: prompts/get fills in its arguments', async () => {
      const { result } = await get('test_prompt_with_arguments', { arg1: 'ein', arg2: 'zwei' });
      assert.equal(result.messages[0].content.text, "Prompt with arguments: arg1='ein', arg2='zwei'");
      assert.equal(result.messages[0].role, 'user');
      inTheWordsOf(isModern, result, { cacheable: false });
    });
    test('a prompt without arguments needs none', async () => {
      assert.ok((await ask('prompts/get', { name: 'test_simple_prompt' })).result.messages.length > 0);
    });
    for (const [what, name, args] of [
      ['an unknown prompt', 'no-such-prompt', {}],
      ['a tool\'s name', 'test_simple_text', {}],
      ['a missing argument', 'test_prompt_with_arguments', { arg1: 'ein' }],
      ['no arguments at all', 'test_prompt_with_arguments', undefined],
      ['an argument that is no text', 'test_prompt_with_arguments', { arg1: 'ein', arg2: 2 }],
    ]) {
      test(`M-PRM-01, SEC-07: ${what} is -32602`, async () => {
        assert.notEqual(failsWith(await get(name, args), -32602).message, '');
      });
    }
  });

  describe(`resources ${era}`, together, () => {
    const read = (uri) => ask('resources/read', { uri });

    for (const [uri, mimeType, holds] of [
      ['test://static-text', 'text/plain', ({ text }) => text.includes('static text')],
      ['test://static-binary', 'image/png', ({ blob }) => Buffer.from(blob, 'base64').subarray(1, 4).toString() === 'PNG'],
      ['test://template/a%20b/data', 'application/json', ({ text }) => JSON.parse(text).id === 'a b'],
    ]) {
      test(`M-CACHE-01, L-GATE-02: ${uri} is read`, async () => {
        const { result } = await read(uri);
        assert.equal(result.contents.length, 1);
        const [contents] = result.contents;
        assert.deepEqual([contents.uri, contents.mimeType], [uri, mimeType]);
        assert.ok(holds(contents), JSON.stringify(contents));
        inTheWordsOf(isModern, result, { cacheable: true });
      });
    }
    for (const uri of ['test://no-such-resource', 'test://template//data', 'test://template/a/b/data', 'file:///etc/passwd', '']) {
      test(`${isModern ? 'M-RES-01, M-ERR-02' : 'L-RES-02'}, SEC-07: ${uri || 'an empty URI'} does not exist and is ${isModern ? -32602 : -32002}`, async () => {
        const error = failsWith(await read(uri), isModern ? -32602 : -32002);
        assert.equal(error.data.uri, uri);
      });
    }
    test('a read without a URI is -32602', async () => {
      failsWith(await ask('resources/read', {}), -32602);
    });
  });

  describe(`completion ${era}`, together, () => {
    const PROMPT = { type: 'ref/prompt', name: 'test_prompt_with_arguments' };
    const complete = (ref, argument, more) => ask('completion/complete', { ref, argument, ...more });

    for (const [value, values] of [['', ['paris', 'park', 'party']], ['par', ['paris', 'park', 'party']], ['park', ['park']], ['x', []]]) {
      test(`M-COMP-01: ${JSON.stringify(value)} is completed to ${values.length} values`, async () => {
        const { result } = await complete(PROMPT, { name: 'arg1', value });
        assert.deepEqual(result.completion, { values, total: values.length, hasMore: false });
        inTheWordsOf(isModern, result, { cacheable: false });
      });
    }
    test('M-COMP-01: an argument that nothing completes has no values', async () => {
      assert.deepEqual((await complete(PROMPT, { name: 'arg2', value: 'p' })).result.completion.values, []);
    });
    test('M-COMP-01: arguments that are filled in already do no harm', async () => {
      const { result } = await complete(PROMPT, { name: 'arg1', value: 'park' }, { context: { arguments: { arg2: 'x' } } });
      assert.deepEqual(result.completion.values, ['park']);
    });
    test('M-COMP-01: a template can be completed', async () => {
      const { result } = await complete({ type: 'ref/resource', uri: 'test://template/{id}/data' }, { name: 'id', value: '1' });
      assert.deepEqual(result.completion.values, []);
    });
    for (const [what, ref, argument] of [
      ['an unknown prompt', { type: 'ref/prompt', name: 'no-such-prompt' }, { name: 'arg1', value: '' }],
      ['an unknown template', { type: 'ref/resource', uri: 'test://no/{such}' }, { name: 'such', value: '' }],
      ['a tool', { type: 'ref/tool', name: 'test_simple_text' }, { name: 'text', value: '' }],
      ['no ref', undefined, { name: 'arg1', value: '' }],
      ['no argument', PROMPT, undefined],
      ['a value that is no text', PROMPT, { name: 'arg1', value: 7 }],
    ]) {
      test(`M-COMP-01: ${what} is -32602`, async () => {
        failsWith(await complete(ref, argument), -32602);
      });
    }
  });
}

describe('logging in a session', together, () => {
  const logged = async (on, name = 'test_tool_with_logging') => {
    const reply = await on.request('tools/call', { name, arguments: {} });
    assert.ok(reply.result, JSON.stringify(reply));
    return (reply.before ?? []).filter(({ method }) => method === 'notifications/message').map(({ params }) => params);
  };

  test('L-LOG-01: a level holds for the whole session, and for no other', async () => {
    const [one, other] = await Promise.all([Session.open(base), Session.open(base)]);
    assert.equal((await logged(one)).length, 3, 'info is sent unless the client says otherwise');
    assert.deepEqual((await one.request('logging/setLevel', { level: 'warning' })).result, {});
    assert.deepEqual(await logged(one), []);
    assert.equal((await logged(other)).length, 3);
    assert.deepEqual((await one.request('logging/setLevel', { level: 'info' })).result, {});
    const messages = await logged(one);
    assert.deepEqual(messages.map(({ level }) => level), ['info', 'info', 'info']);
    assert.equal(messages[0].data, 'Tool execution started');
  });
  for (const params of [{ level: 'loud' }, { level: 'INFO' }, { level: 3 }, {}, undefined]) {
    test(`L-LOG-01: ${JSON.stringify(params?.level ?? params)} is no level`, async () => {
      failsWith(await session.request('logging/setLevel', params), -32602);
    });
  }
});

describe('logging without a session', together, () => {
  const LEVEL = 'io.modelcontextprotocol/logLevel';
  const call = (name, level) => modern(base, undefined, 'tools/call', { name, arguments: {}, _meta: level === undefined ? {} : { [LEVEL]: level } });
  const messages = ({ before = [] }) => before.filter(({ method }) => method === 'notifications/message');

  test('M-LOG-01, M-META-02: no request that did not ask gets a message, also after one that did', async () => {
    assert.equal(messages(await call('test_tool_with_logging', 'debug')).length, 3);
    assert.deepEqual(messages(await call('test_tool_with_logging')), []);
  });
  test('M-LOG-01: what is below the asked level is not sent', async () => {
    assert.equal(messages(await call('test_tool_with_logging', 'info')).length, 3);
    assert.deepEqual(messages(await call('test_tool_with_logging', 'notice')), []);
  });
  test('M-LOG-01: a level that does not exist is -32602', async () => {
    for (const level of ['loud', 3]) failsWith(await call('test_simple_text', level), -32602);
  });
  test('P9: there is no logging/setLevel', async () => {
    const { status, error } = await modern(base, undefined, 'logging/setLevel', { level: 'info' });
    assert.deepEqual([status, error.code], [404, -32601]);
  });
});
