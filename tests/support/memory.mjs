// How much memory a server takes: the resident set of its workerd processes, as Linux counts it.
//
// Wrangler starts two: one that runs our Workers, and one in front of it that only passes requests on. The first is
// what is measured; it is told by the storage it holds open.

import { readdir, readFile, readlink } from 'node:fs/promises';

/** Bytes of memory of the workerd that runs our Workers, and of the one in front of it. */
export async function memoryOf(server) {
  const found = { workers: 0, proxy: 0 };
  for (const pid of await descendants(server.pid)) {
    if (!(await programOf(pid)).endsWith('/workerd')) continue;
    const bytes = await resident(pid);
    if (await holdsOpen(pid, server.persist)) found.workers += bytes;
    else found.proxy += bytes;
  }
  if (found.workers === 0) throw new Error(`no workerd below process ${server.pid} holds ${server.persist} open`);
  return found;
}

/** Bytes as a number of megabytes to be read. */
export const megabytes = (bytes) => Math.round(bytes / 100_000) / 10;

/** Says and keeps how much memory a server takes at one moment. */
export async function tellMemory(run, server, when) {
  const { workers, proxy } = await memoryOf(server);
  run.figure(`memory ${when}`, megabytes(workers), `MB (wrangler's proxy: ${megabytes(proxy)} MB)`);
  return workers;
}

/** Looks at the memory again and again until it is told to stop; gives the most it saw. */
export function watchMemory(server, everyMs = 250) {
  let most = 0;
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      most = Math.max(most, (await memoryOf(server)).workers);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  watching.catch(() => {});
  return async () => {
    stopped = true;
    await watching;
    return most;
  };
}

async function descendants(pid) {
  const parents = new Map();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // The name in parentheses may hold anything, so count from its end; a process may end while we look.
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    parents.set(Number(name), Number(parent));
  }
  const found = [pid];
  for (let index = 0; index < found.length; index += 1) {
    for (const [child, parent] of parents) if (parent === found[index]) found.push(child);
  }
  return found;
}

const programOf = (pid) => readlink(`/proc/${pid}/exe`).catch(() => '');

async function resident(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}

async function holdsOpen(pid, folder) {
  const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return links.some((link) => link.startsWith(folder));
}
