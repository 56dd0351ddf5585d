// Cut: clients that hang up in the middle of whatever is being sent, that read a byte a second, or that never read.
// Whoever comes back finds everything, once and in order; and what nobody reads does not fill the server's memory.

import { Account } from '../support/account.mjs';
import { Ear, placeOf } from '../support/ear.mjs';
import { nextId, Session } from '../support/mcp.mjs';
import { megabytes, tellMemory, watchMemory } from '../support/memory.mjs';
import { startServer } from '../support/server.mjs';
import { SlowReader } from '../support/slow_reader.mjs';
import { each, pause, torture } from '../support/torture.mjs';

/** What a call says whose client hangs up: small messages, so that cuts fall inside and between events. */
const CUT_CALL = { messages: 200, bytes: 1_000 };
/** How often each of those clients hangs up, and after how many bytes of a body. */
const CUTS = 5;
const CUT_BYTES = [1, 60_000];
/** What a call says that is read slowly or never: 5 MB. */
const SLOW_CALL = { messages: 50, bytes: 100_000 };
/** Longest until a client that came back has everything, in milliseconds. */
const WHOLE_MS = 60_000;
/** What the server may take beyond what it had while nobody reads, in bytes for each reader and for all. A window is
 * half a megabyte, and stands in the object, the front Worker and the proxy; without one it would be 5 MB and more. */
const READER_BYTES_MAX = 2_500_000;
const MEMORY_MORE_MAX = 80_000_000;

await torture('cut', { shortMs: 120_000, fullMs: 600_000 }, async (run) => {
  const server = await startServer({ config: 'examples/faults/wrangler.toml' });
  run.atEnd(() => server.stop());
  await tellMemory(run, server, 'at the start');

  const cutters = run.either(6, 100);
  const counts = await each(Array.from({ length: cutters }), 6, () => cutAgain(run, server.url));
  run.figure('clients that hang up', cutters);
  run.figure('connections cut', counts.reduce((sum, { cuts }) => sum + cuts, 0));
  run.figure('calls cut before an event id and made again', counts.reduce((sum, { unheard }) => sum + unheard, 0));
  run.figure('messages of them', counts.reduce((sum, { messages }) => sum + messages, 0));

  const [slow, never] = [run.either(2, 8), run.either(2, 20)];
  // What the same calls cost when their clients read: the slow ones may cost their windows more, not their 5 MB.
  // Twice, since what an isolate has taken for garbage it keeps: the front Worker, the objects and the tools have one each.
  const fast = [];
  for (let round = 0; round < 2; round += 1) fast.push(...await each(Array(slow + never), slow + never, () => readFast(run, server.url)));
  run.figure('fast readers that had all 5 MB', fast.filter(Boolean).length);
  const before = await tellMemory(run, server, 'after the fast readers');
  const mostMemory = watchMemory(server);
  const readers = await each([...Array(slow).fill(false), ...Array(never).fill(true)], slow + never, async (isNever) => {
    const session = await Session.open(server.url);
    return { session, isNever, reader: await SlowReader.call(session, 'much', SLOW_CALL, { never: isNever }) };
  });
  run.say(`${slow} clients read a byte a second, ${never} read nothing; each is sent 5 MB`);
  await pause(run.either(4_000, 60_000));
  const most = await mostMemory();
  await tellMemory(run, server, 'while nobody reads');
  const allowed = MEMORY_MORE_MAX + readers.length * READER_BYTES_MAX;
  run.demand(most - before <= allowed, `${megabytes(most - before)} MB more for ${readers.length} slow readers, where ${megabytes(allowed)} are allowed`);
  run.figure('readers of a byte a second', slow);
  run.figure('clients that never read', never);
  run.figure('memory at most while nobody reads', megabytes(most), 'MB');

  const whole = await each(readers, 4, ({ session, reader }) => resumeSlow(run, session, reader));
  run.figure('slow readers that had all 5 MB when they came back', whole.filter(Boolean).length);
  await tellMemory(run, server, 'after all came back');
});

/** One call, whose client hangs up at chance bytes and comes back, until it has everything. */
async function cutAgain(run, base) {
  const session = await Session.open(base);
  const counts = { cuts: 0, unheard: 0, messages: 0 };
  for (;;) {
    const account = new Account(run, nextId(), CUT_CALL.messages);
    const params = { name: 'much', arguments: CUT_CALL, _meta: { progressToken: account.id } };
    let answer = await session.send({ jsonrpc: '2.0', id: account.id, method: 'tools/call', params });
    let lastId;
    let cuts = 0;
    while (!account.complete) {
      const ear = new Ear(cuts < CUTS ? cutAfter(answer, run.between(...CUT_BYTES)) : answer, (message, id) => account.hear(message, placeOf(id).seq));
      await ear.over;
      lastId = ear.lastId ?? lastId;
      if (lastId === undefined || account.complete) break;
      cuts += 1;
      counts.cuts += 1;
      if (!run.demand(cuts <= CUTS + 5, `call ${account.id} is not complete after ${cuts} connections`)) break;
      answer = await session.send(undefined, { method: 'GET', headers: { 'last-event-id': lastId } });
      if (!run.demand(answer.status === 200, `back for call ${account.id} with ${lastId}: ${answer.status}`)) break;
    }
    if (lastId !== undefined) {
      account.judge();
      counts.messages += account.heard;
      return counts;
    }
    counts.unheard += 1;
    counts.cuts += 1;
  }
}

/** An answer that is hung up on after so many bytes, the last ones not being heard. */
function cutAfter(answer, bytes) {
  async function* first() {
    let left = bytes;
    for await (const chunk of answer.chunks) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) return answer.close();
    }
  }
  return { chunks: first(), close: () => answer.close() };
}

/** The call of the slow readers, by a client that reads. */
async function readFast(run, base) {
  const session = await Session.open(base);
  const account = new Account(run, nextId(), SLOW_CALL.messages);
  const params = { name: 'much', arguments: SLOW_CALL, _meta: { progressToken: account.id } };
  const answer = await session.send({ jsonrpc: '2.0', id: account.id, method: 'tools/call', params }, { ms: WHOLE_MS });
  await new Ear(answer, (message, id) => account.hear(message, placeOf(id).seq)).over;
  return account.judge();
}

/** Comes back for a slow reader's stream, at full speed, and says whether everything came. */
async function resumeSlow(run, session, reader) {
  reader.close();
  const account = new Account(run, reader.id, SLOW_CALL.messages, placeOf(reader.lastId).seq);
  const answer = await session.send(undefined, { method: 'GET', headers: { 'last-event-id': reader.lastId }, ms: WHOLE_MS });
  if (!run.demand(answer.status === 200, `a slow reader's return: ${answer.status} ${answer.status === 200 ? '' : await answer.text()}`)) return false;
  await new Ear(answer, (message, id) => account.hear(message, placeOf(id).seq)).over;
  return account.judge();
}
