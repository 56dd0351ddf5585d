// Ports of the loopback interface, for servers that are started a moment later.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';
/** Below the ports that systems give to connections by themselves (Linux from 32,768 on), so that none takes ours meanwhile. */
const FIRST = 12_000;
const PAIRS = 10_000;
const TRIES = 100;

/**
 * A port for a server. It belongs to this process until that ends: the process listens at the next port, which nobody
 * else can do then, so two test files that start servers at the same time never get the same one.
 */
export async function freePort() {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const port = FIRST + 2 * randomInt(PAIRS);
    const mark = await listener(port + 1);
    const probe = mark && (await listener(port));
    if (probe) {
      await new Promise((resolve) => probe.close(resolve));
      return port;
    }
    mark?.close();
  }
  throw new Error(`${TRIES} ports from ${FIRST} on are taken: end some of the servers on this machine`);
}

/** Something that listens there and keeps no process alive, or nothing if the port is taken. */
function listener(port) {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen({ host: HOST, port }, () => resolve(server));
  });
}
