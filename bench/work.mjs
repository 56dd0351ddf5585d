// The work that is measured, by name: what one of each is, and whom Sessile is compared with.

/** Connections and sessions of the work that keeps the server busy. */
const CONNECTIONS = 32;
const SESSIONS = 64;
/** How much one progress stream has to say. */
const STEPS = 20;

/** How much one `echo` has to say, in bytes, with the words for it. */
const SIZES = [[16, '16 bytes'], [4096, '4 KiB'], [65_536, '64 KiB']];

const text = (bytes) => 'x'.repeat(bytes);

/** `echo`, over some sessions in turn. */
const echo = (bytes, sessions, workers) => async (target) => {
  const [said, ids] = [text(bytes), await target.sessions(sessions)];
  const operation = (connection, worker, turn) => target.echo(connection, ids[(worker + turn * workers) % sessions], said);
  return { workers, operation };
};

const stateless = (bytes, workers) => (target) =>
  ({ workers, operation: (connection) => target.echoStateless(connection, text(bytes)) });

/** `count`, each answer one more than the one before. */
async function count(target) {
  const [session] = await target.sessions(1);
  let last;
  const operation = async (connection) => {
    const now = Number(await target.call(connection, session, 'count', {}));
    if (!Number.isSafeInteger(now) || (last !== undefined && now !== last + 1)) throw new Error(`${target.name} counted ${now} after ${last}`);
    last = now;
  };
  return { workers: 1, operation };
}

async function progress(target) {
  const [session] = await target.sessions(1);
  return { workers: 1, operation: (connection) => target.progress(connection, session, STEPS) };
}

const WITH_SESSION = ['sessile', 'floor', 'hop'];
const WITHOUT = ['sessile', 'stateless', 'stateless hop'];
/** Sessile, whose tools are in a Worker of their own. */
const TOOL_WORKER = 'sessile, tool Worker';

/** The same work with each size. */
const sized = (name, at, prepare) => Object.fromEntries(SIZES.map(([bytes, words]) => [`${name}, ${words}`, { at, prepare: prepare(bytes) }]));

export const WORK = {
  'session open': { at: ['sessile', 'floor'], prepare: (target) => ({ workers: 1, operation: (connection) => target.open(connection) }) },
  'session open and initialized': { at: ['sessile', 'floor'], prepare: (target) => ({ workers: 1, operation: (connection) => target.begin(connection) }) },
  'echo, one session': { at: WITH_SESSION, prepare: echo(16, 1, 1) },
  'echo, one session, tool Worker': { at: [TOOL_WORKER, 'floor', 'hop'], prepare: echo(16, 1, 1) },
  'count, one session': { at: ['sessile', 'floor'], prepare: count },
  ...sized(`echo, ${SESSIONS} sessions`, WITH_SESSION, (bytes) => echo(bytes, SESSIONS, CONNECTIONS)),
  'echo, stateless': { at: WITHOUT, prepare: stateless(16, 1) },
  'echo, stateless, tool Worker': { at: [TOOL_WORKER, 'stateless', 'stateless hop'], prepare: stateless(16, 1) },
  ...sized(`echo, stateless, ${CONNECTIONS} connections`, WITHOUT, (bytes) => stateless(bytes, CONNECTIONS)),
  [`progress, ${STEPS} steps`]: { at: ['sessile', 'floor'], prepare: progress },
};
