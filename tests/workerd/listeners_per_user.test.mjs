// `subscriptions/listen`: how many streams a user may have, and how much may wait for one that is not read. Ids are
// rows of the protocol checklist.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { change, heard, TOOLS, updated, WATCHED } from '../support/changes.mjs';
import { serve } from '../support/fixture.mjs';
import { modern, modernStream, textOf } from '../support/mcp.mjs';

const limit = { timeout: 90_000 };
const TAG = 'io.modelcontextprotocol/subscriptionId';

const [open, noisy] = await Promise.all([
  serve({ example: 'conformance', vars: { LISTENERS_PER_USER: 2 }, people: ['alice', 'bob', 'carol', 'dave'] }),
  serve({ example: 'faults' }),
]);

/** A stream that is acknowledged. */
async function listen(base, notifications, who, ms = 60_000) {
  const stream = await modernStream(base, who?.token, 'subscriptions/listen', { notifications }, { ms });
  assert.equal((await stream.next()).message.method, 'notifications/subscriptions/acknowledged');
  return stream;
}

/** The stream tells of its end and then ends: M-SUB-05. */
function ended(messages, stream) {
  const last = { jsonrpc: '2.0', id: stream.requestId, result: { resultType: 'complete', _meta: { [TAG]: stream.requestId } } };
  assert.deepEqual(messages.at(-1), last);
}
const rest = async (stream) => (await stream.rest()).map(({ message }) => message);

describe('listeners', limit, () => {
  for (const [what, filter, who] of [
    ['to lists', { toolsListChanged: true }, open.alice],
    ['to resources', { resourceSubscriptions: [WATCHED] }, open.bob],
    ['to nothing', {}, open.carol],
    ['without a token, by their address', { toolsListChanged: true }, undefined],
  ]) {
    test(`M-SUB-05: ${what}: the oldest stream ends for a new one, and nobody else's`, limit, async () => {
      const others = await listen(open.base, filter, open.dave);
      const [first, second] = [await listen(open.base, filter, who), await listen(open.base, filter, who)];
      const third = await listen(open.base, filter, who);
      ended(await rest(first), first);
      if (filter.toolsListChanged) {
        await change(open.base, 'tool');
        for (const stream of [second, third, others]) assert.deepEqual(await heard(stream), TOOLS);
      }
      if (filter.resourceSubscriptions) {
        await change(open.base, 'resource');
        for (const stream of [second, third, others]) assert.deepEqual(await heard(stream), updated(WATCHED));
      }
      // Its client comes back, and the next in age gives way.
      const back = await listen(open.base, filter, who);
      ended(await rest(second), second);
      for (const stream of [third, back, others]) stream.close();
    });
  }
});

describe('a client that listens and does not read', limit, () => {
  /** How long the URIs are that change, in bytes, and how many a call says so of: what one client can subscribe to. */
  const [URI_BYTES, CHANGES] = [2_000, 6];
  /** 14 MB are announced: far more than the bound and what all kernels and proxies on the way hold. */
  const [ROUNDS, AT_ONCE] = [120, 10];
  const uris = Array.from({ length: CHANGES }, (_, n) => `test://noise/${n}/`.padEnd(URI_BYTES, 'x'));
  const announce = async () => textOf(await modern(noisy.base, undefined, 'tools/call', { name: 'announce', arguments: { changes: CHANGES, bytes: URI_BYTES } }));

  test('SEC-07, M-SUB-05: past what may wait for it its stream ends; another that reads misses nothing', limit, async () => {
    const reads = await listen(noisy.base, { resourceSubscriptions: uris });
    // Nothing more is taken from its connection until it is read again.
    const sleeps = await listen(noisy.base, { resourceSubscriptions: uris });
    let read = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(Array.from({ length: AT_ONCE }, announce));
      for (let n = 0; n < AT_ONCE * CHANGES; n += 1, read += 1) assert.ok(uris.includes((await heard(reads))?.uri));
    }
    const messages = await rest(sleeps);
    ended(messages, sleeps);
    assert.ok(messages.length < read, `${messages.length} messages waited for it`);
    // It may come back, and hears again.
    const back = await listen(noisy.base, { resourceSubscriptions: uris });
    await announce();
    assert.equal((await heard(back)).uri, uris[0]);
    for (const stream of [reads, back]) stream.close();
  });
});
