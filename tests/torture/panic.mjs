// Panic: tools that panic, never answer, answer garbage, or answer 100 MB, called in both eras. Each caller gets a
// clear error in time. A neighbour, another session on the same server and the same tool Worker, calls all the while,
// and every answer is right.

import { modern, nextId, send, Session, textOf } from '../support/mcp.mjs';
import { megabytes, tellMemory, watchMemory } from '../support/memory.mjs';
import { neighbour } from '../support/neighbour.mjs';
import { startServer } from '../support/server.mjs';
import { pause, torture } from '../support/torture.mjs';

/** Longest until a caller knows that its call failed, in milliseconds. */
const DEADLINE_MS = 20_000;
/** How long a call is let run before it is cancelled, in milliseconds. */
const SILENT_MS = 1_000;
/** What the server may take beyond what it had, in bytes. The Worker that makes the 100 MB answers runs in the same
 * process, and its garbage levels off at 190 MB; 40 rounds pass on 16 GB. */
const MEMORY_MORE_MAX = 250_000_000;

const BROKEN = [
  'panic', 'stuck', 'garbage_html', 'garbage_status', 'garbage_json', 'garbage_shape', 'garbage_bytes',
  'garbage_events', 'garbage_end', 'garbage_id', 'huge_json', 'huge_event', 'huge_stream',
];

await torture('panic', { shortMs: 120_000, fullMs: 400_000 }, async (run) => {
  const rounds = run.either(1, 10);
  const server = await startServer({ config: 'examples/faults/wrangler.toml' });
  run.atEnd(() => server.stop());
  const base = server.url;
  const session = await Session.open(base);
  const before = await tellMemory(run, server, 'before');
  const mostMemory = watchMemory(server);
  const during = { what: 'nothing' };
  const stopNeighbour = neighbour(run, await Session.open(base), during);

  const errors = {};
  let slowestMs = 0;
  let calls = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of BROKEN) {
      for (const [era, call] of [
        ['a session', () => session.request('tools/call', { name, arguments: {} }, { ms: DEADLINE_MS })],
        ['a stateless client', () => modern(base, undefined, 'tools/call', { name, arguments: {} }, { ms: DEADLINE_MS })],
      ]) {
        const began = performance.now();
        during.what = name;
        try {
          const { status, error, result } = await call();
          const words = error?.message ?? (result?.isError ? result.content?.[0]?.text : undefined);
          run.demand(words, `${name}, called by ${era}: ${status} ${JSON.stringify(result ?? error)?.slice(0, 300)}`);
          errors[name] = { ...errors[name], [era]: `${status} ${error?.code ?? 'isError'}: ${words}` };
        } catch (error) {
          run.lost(`${name}, called by ${era}: ${error.message}`);
        }
        calls += 1;
        slowestMs = Math.max(slowestMs, performance.now() - began);
      }
    }
  }
  for (const [name, said] of Object.entries(errors)) run.figure(name, said);

  during.what = 'silent';
  await silent(run, base, session);

  const counts = await stopNeighbour();
  const most = await mostMemory();
  run.demand(most - before <= MEMORY_MORE_MAX, `the server took ${megabytes(most - before)} MB beyond what it had`);
  run.figure('calls of broken tools', calls);
  run.figure('the slowest error', Math.round(slowestMs), 'ms');
  run.figure('calls of the neighbour', counts.calls);
  run.figure('calls of the neighbour that went wrong', counts.wrong);
  run.figure('the slowest call of the neighbour', Math.round(counts.slowestMs), 'ms');
  run.figure('memory at most', megabytes(most), 'MB');
  await tellMemory(run, server, 'after');
});

/** Calls of a tool that never answers: cancelled, left with their session, hung up on; others go on meanwhile. */
async function silent(run, base, session) {
  const begin = (of) => {
    const id = nextId();
    const posted = of.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'silent', arguments: {} } }, { ms: DEADLINE_MS });
    return { id, over: posted.then((answer) => answer.isEventStream ? drained(answer) : answer.text()).then((text) => ({ text }), (error) => ({ error })) };
  };
  const meanwhile = async (of, words) => run.demand((await of.call('echo', { text: words })) === words, words);

  const cancelled = begin(session);
  await pause(SILENT_MS);
  await meanwhile(session, 'a call beside a silent one');
  const noted = await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: cancelled.id } });
  run.demand(noted.status === 202, `cancelling: ${noted.status}`);
  const { text, error } = await cancelled.over;
  run.demand(error === undefined && !text.includes('"result"'), `a cancelled call: ${error?.message ?? text}`);
  await meanwhile(session, 'a call after a cancelled one');

  const left = begin(session);
  await pause(SILENT_MS);
  const { status } = await session.end();
  run.demand(status < 300, `DELETE while a tool is silent: ${status}`);
  const ended = await left.over;
  run.demand(ended.error === undefined, `the call of an ended session: ${ended.error?.message}`);
  run.figure('the call of an ended session was answered', ended.text?.slice(0, 200));
  run.demand((await session.request('ping')).status === 404, 'the session is gone');

  // The modern era has no cancelling but hanging up.
  const hungUp = modern(base, undefined, 'tools/call', { name: 'silent', arguments: {} }, { ms: SILENT_MS }).then(() => 'an answer', () => undefined);
  run.demand((await hungUp) === undefined, 'a silent tool answered');
  const reply = await modern(base, undefined, 'tools/call', { name: 'echo', arguments: { text: 'after hanging up' } });
  run.demand(textOf(reply) === 'after hanging up', 'a call after hanging up');
  run.demand((await send(base, { method: 'GET' })).status !== 500, 'the endpoint answers');
}

async function drained(answer) {
  const parts = [];
  for await (const part of answer.chunks) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
