// The server under test: the one that SESSILE_URL names, or one that is started here and ended again.
//
// SESSILE_DEV_COMMAND is the path of the xtask binary; it serves with
// `dev --port N --persist DIR --config PATH --var NAME=VALUE …` and says `ready on http://127.0.0.1:N`.

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.mjs';

/** Longest from starting the command to its `ready` line, in milliseconds; a first build is part of it. */
const READY_MS = 240_000;
/** Longest a server may take to end after SIGTERM, in milliseconds. */
const END_MS = 10_000;
/** Longest that the log may take to say what an answer said, in milliseconds. */
const SAYING_MS = 10_000;

/** The gates, as wide as tests need them that come from one address and begin hundreds of logins in a minute. */
const GATES = Object.fromEntries(['LOGIN', 'REGISTRATION', 'TOKEN', 'DOCUMENT', 'API'].map((gate) => [`${gate}_GATE_PER_MINUTE`, 100_000]));

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Process groups that still run; ended when this process ends, however that comes. */
const groups = new Set();
process.on('exit', () => groups.forEach((group) => signalGroup(group, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** The server that most tests share; files that need another configuration start their own. */
export async function sharedServer() {
  const url = process.env.SESSILE_URL;
  if (url) return { url: url.replace(/\/$/, ''), stop: async () => {} };
  return startServer({ vars: { QUOTA_BURST: 100_000, QUOTA_PER_MINUTE: 100_000 } });
}

/**
 * Starts a server of one's own.
 *
 * @param {{vars?: Record<string, string | number>, config?: string, persist?: string, port?: number}} options
 *   `vars` are variables of the front Worker; the gates for strangers stand wide open unless they are among them;
 *   `config` names another wrangler.toml than the root's, from there;
 *   `persist` and `port` are given to start the same server again;
 *   `elsewhere` names Workers that another process serves.
 */
export async function startServer({ vars = {}, config, persist, port, elsewhere = [] } = {}) {
  const command = process.env.SESSILE_DEV_COMMAND;
  if (!command) {
    throw new Error('set SESSILE_DEV_COMMAND to the path of the xtask binary, or SESSILE_URL to a running server');
  }
  const ownFolder = persist === undefined;
  const folder = persist ?? (await mkdtemp(join(tmpdir(), 'sessile-')));
  const listenPort = port ?? (await freePort());
  const args = ['dev', '--port', String(listenPort), '--persist', folder];
  if (config !== undefined) args.push('--config', config);
  for (const name of elsewhere) args.push('--elsewhere', name);
  for (const [name, value] of Object.entries({ ...GATES, ...vars })) args.push('--var', `${name}=${value}`);
  const program = await startProgram(command, args, {
    ready: new RegExp(`ready on http://127\\.0\\.0\\.1:${listenPort}\\b`),
    readyMs: READY_MS,
  });
  return {
    url: `http://127.0.0.1:${listenPort}`,
    port: listenPort,
    persist: folder,
    pid: program.pid,
    log: program.log,
    /** Waits until the log says something: it comes another way than an answer, and may come after it. */
    async says(pattern, ms = SAYING_MS) {
      const deadline = Date.now() + ms;
      while (!pattern.test(program.log())) {
        if (Date.now() > deadline) throw new Error(`the log does not say ${pattern}:\n${program.log()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    /** Ends the server. `hard` is a kill without notice; `keep` leaves the storage for the next start. */
    async stop({ hard = false, keep = !ownFolder } = {}) {
      await program.stop({ hard });
      await portClosed(listenPort);
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
    /** Starts the same server again: same port, same storage, same configuration. */
    again: () => startServer({ vars, config, persist: folder, port: listenPort }),
  };
}

/** Starts a program in a process group of its own and waits until it prints that it is ready. */
export async function startProgram(command, args, { ready, readyMs = 60_000, env = {}, cwd = ROOT } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  groups.add(child.pid);
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const readiness = new Promise((resolve, reject) => {
    const failed = (why) => reject(new Error(`${command} ${args[0] ?? ''}: ${why}\n${output.slice(-4000)}`));
    const timer = setTimeout(() => failed(`no ready line after ${readyMs} ms`), readyMs);
    const read = (part) => {
      // The tail is enough for a message; a server that talks all day must not fill this process.
      output = (output + part).slice(-200_000);
      const match = ready.exec(output);
      if (match) {
        clearTimeout(timer);
        resolve(match);
      }
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', (cause) => failed(cause.message));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      failed(`ended with ${code ?? signal} before it was ready`);
    });
  });
  const stop = async ({ hard = false } = {}) => {
    signalGroup(child.pid, hard ? 'SIGKILL' : 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), END_MS);
    if (child.exitCode === null && child.signalCode === null) await ended;
    clearTimeout(timer);
    // The leader is gone; whatever it left behind in its group goes too.
    signalGroup(child.pid, 'SIGKILL');
    groups.delete(child.pid);
  };
  try {
    const match = await readiness;
    return { match, stop, pid: child.pid, log: () => output };
  } catch (error) {
    await stop({ hard: true });
    throw error;
  }
}

/** Resolves when nothing answers on the port any more, so that the next server can have it. */
async function portClosed(port) {
  const deadline = Date.now() + END_MS;
  while (await portOpen(port)) {
    if (Date.now() > deadline) throw new Error(`port ${port} is still open ${END_MS} ms after its server was ended`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function portOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
