// Crowd: very many idle sessions, and very many quiet GET streams. What each costs in memory and how long opening
// them takes; afterwards all streams are alive and the sessions of a sample answer.

import { Ear } from '../support/ear.mjs';
import { Session } from '../support/mcp.mjs';
import { memoryOf, megabytes, tellMemory } from '../support/memory.mjs';
import { openStream } from '../support/returning.mjs';
import { startServer } from '../support/server.mjs';
import { each, pause, torture } from '../support/torture.mjs';

/** Sessions or streams that are opened at the same time. */
const AT_ONCE = 8;
/** Until the runtime has let go of objects that nobody uses, in milliseconds: it does after 10 s without a request. */
const IDLE_MS = 15_000;
/** Longest that the run may take in full, in milliseconds, and that a client keeps its stream: no stream may end for the
 * reason that its own client gave it up. */
const FULL_MS = 900_000;
/** How long all streams are held, in milliseconds: longer than the 25 s between two keep-alives. */
const HELD_MS = 40_000;
/** Sessions that are asked for an answer at the end. */
const SAMPLE = 100;
/** Most memory that an idle stream or session may cost, in bytes: a few times what was measured (docs/reliability.md). */
const STREAM_BYTES_MAX = 1_000_000;
const SESSION_BYTES_MAX = 200_000;

await torture('crowd', { shortMs: 120_000, fullMs: FULL_MS }, async (run) => {
  const sessionCount = run.either(200, 10_000);
  const streamCount = run.either(50, 1_000);
  const server = await startServer({ config: 'examples/conformance/wrangler.toml', vars: { SESSIONS_PER_USER: 20_000 } });
  run.atEnd(() => server.stop());
  // The first sessions pay for what all share.
  await each(Array.from({ length: 20 }), AT_ONCE, () => Session.open(server.url));
  const before = await tellMemory(run, server, 'before');

  // The streams come first: later, what the runtime lets go of the many sessions would outweigh them.
  let began = performance.now();
  const listening = await each(Array.from({ length: streamCount }), AT_ONCE, async () => {
    const session = await Session.open(server.url);
    return { session, ear: new Ear(await openStream(session, { ms: FULL_MS })) };
  });
  const ears = listening.map(({ ear }) => ear);
  run.figure('streams', streamCount);
  run.figure('opening a session with its stream, 8 at a time', Math.round((performance.now() - began) / streamCount * 10) / 10, 'ms');
  await pause(run.either(1_000, HELD_MS));
  const withStreams = await tellMemory(run, server, 'with all streams quiet');

  began = performance.now();
  const more = await each(Array.from({ length: sessionCount - streamCount }), AT_ONCE, async (_, index) => {
    if (index > 0 && index % 1_000 === 0) run.say(`${index} further sessions, ${megabytes((await memoryOf(server)).workers)} MB`);
    return Session.open(server.url);
  });
  const sessions = [...listening.map(({ session }) => session), ...more];
  run.figure('sessions', sessionCount);
  run.figure('opening a session, 8 at a time', Math.round((performance.now() - began) / more.length * 10) / 10, 'ms');
  if (!run.short) await pause(IDLE_MS);
  const withSessions = await tellMemory(run, server, 'with all sessions idle');

  const perSession = (withSessions - withStreams) / more.length;
  const perStream = (withStreams - before) / streamCount;
  run.figure('memory per idle session', Math.round(perSession / 100) / 10, 'kB');
  run.figure('memory per quiet stream and its session', Math.round(perStream / 100) / 10, 'kB');
  if (!run.short) {
    // In the short form, what the allocator takes at once outweighs so few.
    run.demand(perSession <= SESSION_BYTES_MAX, `an idle session costs ${Math.round(perSession)} bytes`);
    run.demand(perStream <= STREAM_BYTES_MAX, `a quiet stream costs ${Math.round(perStream)} bytes`);
    const due = ears.filter(({ comments }) => comments === 0).length;
    run.demand(due === 0, `${due} streams had no keep-alive within ${HELD_MS / 1000} s`);
  }
  const alive = ears.filter((ear) => ear.open && ear.trouble === undefined);
  run.demand(alive.length === streamCount, `${alive.length} of ${streamCount} streams are alive`);

  const sample = Array.from({ length: SAMPLE }, () => sessions[run.between(0, sessionCount - 1)]);
  began = performance.now();
  const answers = await each(sample, AT_ONCE, (session) => session.call('test_simple_text').catch((error) => {
    run.lost(`a session of the sample: ${error.message}`);
  }));
  run.figure('sessions of the sample that answered', answers.filter((answer) => answer?.startsWith('This is a simple')).length);
  run.figure('an answer, 8 at a time', Math.round((performance.now() - began) / SAMPLE * 10) / 10, 'ms');
  run.figure('streams alive at the end', ears.filter((ear) => ear.open).length);
  for (const ear of ears) ear.close();
});
