// Unwind: our own code panics, in the front Worker, in a session's object, and in a call that runs in one. Whoever's
// request it was gets an error in time, and everything else in the isolate goes on: calls that are answered at once,
// calls that stream for seconds, quiet GET streams, and the very session that it happened in.
//
// `tests/faulty` is the front Worker with the feature that panics where a request asks for it.

import { Session } from '../support/mcp.mjs';
import { neighbour } from '../support/neighbour.mjs';
import { startServer } from '../support/server.mjs';
import { pause, torture } from '../support/torture.mjs';

/** Longest until a caller knows that its call failed, in milliseconds. */
const DEADLINE_MS = 10_000;
/** Steps of a call that streams: a fifth of a second each, so that every panic of a round falls into it. */
const STEPS = 20;
/** Longest that the run takes in full, and so a quiet stream is open, in milliseconds. */
const RUN_MS = 400_000;
/** How long the streams get to hear of a change, in milliseconds. */
const HEARD_MS = 10_000;

/** Each place, and a request that panics there: the request's own answer. */
const PANICS = {
  'the front Worker': (session) =>
    session.request('tools/call', { name: 'echo', arguments: { text: 'x' } }, { ms: DEADLINE_MS, headers: { accept: 'application/json, text/event-stream, x/panic-front' } }),
  "a session's object": (session) => session.request('panic-object', {}, { ms: DEADLINE_MS }),
  'a call in a session': (session) => session.request('tools/call', { name: 'panic-call', arguments: {} }, { ms: DEADLINE_MS }),
};

await torture('unwind', { shortMs: 120_000, fullMs: RUN_MS }, async (run) => {
  const rounds = run.either(1, 10);
  const others = run.either(4, 20);
  const server = await startServer({ config: 'tests/faulty/front/wrangler.toml' });
  run.atEnd(() => server.stop());
  const base = server.url;
  const during = { what: 'nothing' };
  const stopNeighbour = neighbour(run, await Session.open(base), during);
  const sessions = await Promise.all(Array.from({ length: others }, () => Session.open(base)));
  const quiet = await Promise.all(sessions.map((session) => session.listen({ ms: RUN_MS })));
  const heard = quiet.map((events) => listening(events));

  let slowestMs = 0;
  const said = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, panic] of Object.entries(PANICS)) {
      during.what = `a panic in ${place}`;
      const victim = await Session.open(base);
      const beside = await slow(victim);
      const streaming = await Promise.all(sessions.map(slow));
      await pause(run.between(300, 900));

      const began = performance.now();
      try {
        const { status, error, result } = await panic(victim);
        // The front Worker panicked before it knew which request it had: its client has the status alone.
        const told = status >= 500 && (place === 'the front Worker' || error?.code === -32603);
        run.demand(told, `${place}: ${status} ${JSON.stringify(error ?? result)}`);
        said[place] = error ? `${status} ${error.code}: ${error.message}` : `${status}`;
      } catch (error) {
        run.lost(`${place}, its caller: ${error.message}`);
      }
      slowestMs = Math.max(slowestMs, performance.now() - began);

      // The session that it happened in lost what it had in memory, and nothing else: it makes its other call again,
      // which may be repeated, and tells of no step twice.
      const ended = await finished(beside).catch((error) => ({ lost: error.message }));
      run.demand(ended.result && ended.steps === STEPS, `${place}, a stream of the same session: ${JSON.stringify(ended)}`);
      const after = await victim.call('echo', { text: place }).catch((error) => error.message);
      run.demand(after === place, `${place}, the same session afterwards: ${after}`);

      for (const stream of streaming) {
        const answer = await finished(stream).catch((error) => ({ lost: error.message }));
        run.demand(answer.result && answer.steps === STEPS, `${place}, a call of another session: ${JSON.stringify(answer)}`);
      }
    }
  }
  run.say('one change for every quiet stream');
  during.what = 'a change';
  await (await Session.open(base)).call('change');
  const silent = await Promise.all(heard.map(({ first }) => Promise.race([first, pause(HEARD_MS).then(() => 'nothing')])));
  for (const words of silent) run.demand(words === 'notifications/tools/list_changed', `a quiet stream heard ${words}`);
  quiet.forEach((events) => events.close());

  const counts = await stopNeighbour();
  for (const [place, words] of Object.entries(said)) run.figure(`the caller, after a panic in ${place}`, words);
  run.figure('panics', rounds * Object.keys(PANICS).length);
  run.figure('the slowest error', Math.round(slowestMs), 'ms');
  run.figure('calls of others that streamed meanwhile', rounds * Object.keys(PANICS).length * others);
  run.figure('calls of the neighbour', counts.calls);
  run.figure('calls of the neighbour that went wrong', counts.wrong);
  run.figure('quiet streams', others);
});

/** A call that takes some seconds, begun. */
function slow(session) {
  return session.stream('tools/call', { name: 'slow', arguments: { steps: STEPS }, _meta: { progressToken: 'steps' } });
}

/** Its response, and how many steps it told of. */
async function finished(events) {
  let steps = 0;
  for (let event = await events.next(); event; event = await events.next()) {
    const { message } = event;
    if (message?.method === 'notifications/progress') steps += 1;
    if (message?.id === events.requestId) {
      events.close();
      return { ...message, steps };
    }
  }
  throw new Error(`the stream ended without a response after ${steps} steps`);
}

/** The method of the first message of a quiet stream, or how it ended. */
function listening(events) {
  const first = events.next(RUN_MS).then(
    async (event) => {
      let next = event;
      while (next && !next.message) next = await events.next(RUN_MS);
      return next ? next.message.method : 'its end';
    },
    (error) => error.message,
  );
  return { first };
}
