// The scratchpad of `examples/`: tools that keep something, the same code in a session and behind a handle.
// Ids are rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serve } from '../support/fixture.mjs';
import { modern, Session, textOf } from '../support/mcp.mjs';

const together = { timeout: 60_000, concurrency: true };

const { base, alice, mallory } = await serve({ example: 'scratchpad', people: ['alice', 'mallory'] });

const stateless = (name, args, who) => modern(base, who?.token, 'tools/call', { name, arguments: args });
const newHandle = async (who) => textOf(await stateless('scratchpad_new', {}, who));

/** A scratchpad of one's own for each way to have one: `use` calls a tool on it. */
const PADS = {
  'in a session, without a handle': async () => {
    const session = await Session.open(base);
    return (name, args) => session.request('tools/call', { name, arguments: args });
  },
  'in a session, with a handle': async () => {
    const session = await Session.open(base);
    const handle = await session.call('scratchpad_new');
    return (name, args) => session.request('tools/call', { name, arguments: { ...args, handle } });
  },
  'statelessly, with a handle': async () => {
    const handle = await newHandle();
    return (name, args) => stateless(name, { ...args, handle });
  },
};

/** A result for the model that says what went wrong, and nothing else. */
function failed(reply, words) {
  assert.equal(reply.result?.isError, true, JSON.stringify(reply.error ?? reply.result));
  assert.match(reply.result.content[0].text, words);
}

for (const [how, pad] of Object.entries(PADS)) {
  describe(how, together, () => {
    const names = async (use) => (await use('note_list', {})).result.structuredContent.names;

    test('M-STATE-01: a note is there from when it is written until it is thrown away', async () => {
      const use = await pad();
      assert.deepEqual(await names(use), []);
      assert.equal(textOf(await use('note_put', { name: 'tea', text: 'green' })), 'Wrote tea.');
      assert.equal(textOf(await use('note_put', { name: 'tea', text: 'black 🪸\n' })), 'Rewrote tea.');
      assert.equal(textOf(await use('note_put', { name: 'cake', text: '' })), 'Wrote cake.');
      assert.equal(textOf(await use('note_get', { name: 'tea' })), 'black 🪸\n');
      assert.equal((await use('note_get', { name: 'cake' })).result.content[0].text, '');
      assert.deepEqual(await names(use), ['cake', 'tea']);
      assert.equal(textOf(await use('note_delete', { name: 'tea' })), 'Deleted tea.');
      assert.deepEqual(await names(use), ['cake']);
      for (const name of ['note_get', 'note_delete']) failed(await use(name, { name: 'tea' }), /no note called tea/);
    });

    test('M-TOOL-01, L-TOOL-01: the list comes as text, too', async () => {
      const use = await pad();
      await use('note_put', { name: 'a', text: 'x' });
      const { structuredContent, content } = (await use('note_list', {})).result;
      assert.deepEqual(JSON.parse(content[0].text), structuredContent);
    });

    test('two scratchpads are separate', async () => {
      const [one, other] = [await pad(), await pad()];
      await one('note_put', { name: 'mine', text: 'x' });
      assert.deepEqual(await names(other), []);
      failed(await other('note_get', { name: 'mine' }), /no note/);
    });

    test('notes that are written at the same moment are all there', async () => {
      const use = await pad();
      const wanted = Array.from({ length: 10 }, (_, n) => `note-${n}`);
      for (const reply of await Promise.all(wanted.map((name) => use('note_put', { name, text: name })))) textOf(reply);
      assert.deepEqual(await names(use), wanted);
    });

    test('SEC-07: what is too long, empty, of the wrong type or unnamed is refused and changes nothing', async () => {
      const use = await pad();
      await use('note_put', { name: 'tea', text: 'green' });
      for (const args of [
        { name: '', text: 'x' }, { name: 'n'.repeat(101), text: 'x' }, { name: 'ü'.repeat(51), text: 'x' }, { name: 'tea', text: 'x'.repeat(10_001) },
        { name: 'tea' }, { text: 'x' }, { name: 7, text: 'x' }, { name: 'tea', text: ['x'] }, {},
      ]) failed(await use('note_put', args), /./);
      assert.equal(textOf(await use('note_get', { name: 'tea' })), 'green');
      assert.deepEqual(await names(use), ['tea']);
      assert.equal(textOf(await use('note_put', { name: 'n'.repeat(100), text: 'x'.repeat(10_000) })), `Wrote ${'n'.repeat(100)}.`);
    });

    test('SEC-07: what does not fit into 64 KiB is refused, and what was there stays', async () => {
      const use = await pad();
      for (let n = 0; n < 6; n += 1) textOf(await use('note_put', { name: `${n}`, text: 'x'.repeat(10_000) }));
      const reply = await use('note_put', { name: '6', text: 'x'.repeat(10_000) });
      assert.ok(reply.error ?? reply.result.isError, JSON.stringify(reply.result));
      assert.deepEqual(await names(use), ['0', '1', '2', '3', '4', '5']);
      assert.equal(textOf(await use('note_put', { name: '6', text: 'small' })), 'Wrote 6.');
    });
  });
}

describe('handles', together, () => {
  test('M-STATE-02: without a session and without a handle, one is told how to get one', async () => {
    for (const [name, args] of [['note_put', { name: 'a', text: 'x' }], ['note_get', { name: 'a' }], ['note_list', {}], ['note_delete', { name: 'a' }]]) {
      failed(await stateless(name, args), /scratchpad_new/);
    }
  });

  test('SEC-01, M-STATE-02: one that was made up, altered, or is somebody else\'s does not exist, in the same words', async () => {
    const hers = await newHandle(alice);
    assert.equal(textOf(await stateless('note_put', { name: 'secret', text: 'x', handle: hers }, alice)), 'Wrote secret.');
    const altered = `${hers.slice(0, -1)}${hers.endsWith('A') ? 'B' : 'A'}`;
    const session = await Session.open(base, mallory.token);
    const inSession = (name, args) => session.request('tools/call', { name, arguments: args });
    const replies = [];
    for (const handle of [hers, altered, 'made-up', '', 'x'.repeat(4_000), '../../etc/passwd']) {
      for (const use of [(...call) => stateless(...call, mallory), (...call) => stateless(...call), inSession]) {
        replies.push((await use('note_get', { name: 'secret', handle })).result);
        replies.push((await use('note_put', { name: 'secret', text: 'stolen', handle })).result);
      }
    }
    assert.ok(replies.every((result) => result?.isError), JSON.stringify(replies.find((result) => !result?.isError)));
    assert.deepEqual([...new Set(replies.map(({ content }) => content[0].text))].length, 1);
    assert.equal(textOf(await stateless('note_get', { name: 'secret', handle: hers }, alice)), 'x');
  });

  test('SEC-01: who calls a public server without a token shares the name of the handle, and nothing else', async () => {
    const handle = await newHandle();
    await stateless('note_put', { name: 'a', text: 'x', handle });
    assert.equal(textOf(await stateless('note_get', { name: 'a', handle })), 'x');
    failed(await stateless('note_get', { name: 'a', handle }, alice), /handle/);
  });

  test('a handle that is no text is refused', async () => {
    for (const handle of [7, true, {}, ['x']]) {
      const reply = await stateless('note_list', { handle });
      assert.ok(reply.error ?? reply.result.isError, JSON.stringify(reply.result));
    }
  });

  test('null as a handle is none: the session\'s own scratchpad is meant', async () => {
    const session = await Session.open(base);
    await session.call('note_put', { name: 'a', text: 'x' });
    assert.equal(await session.call('note_get', { name: 'a', handle: null }), 'x');
    failed(await stateless('note_list', { handle: null }), /scratchpad_new/);
  });

  test('M-STATE-02: the tool that makes one says how long it lives, and the others that they take one', async () => {
    const { tools } = (await modern(base, undefined, 'tools/list')).result;
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    assert.match(byName.get('scratchpad_new').description, /24 hours/);
    for (const name of ['note_put', 'note_get', 'note_list', 'note_delete']) {
      const { properties, required = [] } = byName.get(name).inputSchema;
      assert.ok(properties.handle && !required.includes('handle'), name);
    }
  });
});

describe('a scratchpad\'s notes', { timeout: 60_000 }, () => {
  test('SEC-07: there are at most a hundred', async () => {
    const session = await Session.open(base);
    for (let from = 0; from < 100; from += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, n) => session.call('note_put', { name: `${from + n}`, text: 'x' })));
    }
    failed(await session.request('tools/call', { name: 'note_put', arguments: { name: 'one more', text: 'x' } }), /100 notes/);
    assert.equal(await session.call('note_delete', { name: '7' }), 'Deleted 7.');
    assert.equal(await session.call('note_put', { name: 'one more', text: 'x' }), 'Wrote one more.');
  });
});
