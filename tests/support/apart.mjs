// A server in two processes: the front Worker in one, the objects in the other, and between them a wire that can be
// cut while both live.
//
// Workers of two wrangler processes find each other by files in a folder, where each says on which TCP port its objects
// can be reached. The front's folder is its own here, and the file in it names a port of ours, from which bytes are
// passed on. Nothing of the server knows of it: what is built is what is deployed.

import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from './mcp.mjs';
import { startServer } from './server.mjs';
import { becomes } from './torture.mjs';

/** The Worker of the objects. */
const NAME = 'sessile-objects';
/** Longest until the front has learned of a new port, in milliseconds. */
const TOLD_MS = 10_000;
/** How long a connection may wait for the byte at which it is cut, in milliseconds; then it is cut between two. */
const CUT_MS = 400;

/** Starts both. */
export async function startApart({ config, vars }) {
  const objects = await startServer({ config, vars });
  const folder = await mkdtemp(join(tmpdir(), 'sessile-front-'));
  let front;
  let wire;
  const stop = async () => {
    await front?.stop();
    await wire?.close();
    await objects.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const own = join(objects.persist, 'sessile');
    const entry = JSON.parse(await readFile(join(own, 'registry', NAME), 'utf8'));
    wire = new Wire(entry.debugPortAddress, (address) => enter(folder, { ...entry, debugPortAddress: address }));
    await wire.move();
    // Both know the same secrets.
    await copyFile(join(own, 'secrets'), join(folder, 'sessile', 'secrets'));
    front = await startServer({ config, vars, persist: folder, elsewhere: [NAME] });
    wire.probe = await Session.open(front.url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: front.url, cut: (bytes) => wire.cut(bytes), stop };
}

/** Says where the objects are. Renamed into its place: who reads half a file takes it that there are none. */
async function enter(folder, entry) {
  const registry = join(folder, 'sessile', 'registry');
  await mkdir(registry, { recursive: true });
  const draft = join(folder, 'sessile', 'entry');
  await writeFile(draft, JSON.stringify(entry));
  await rename(draft, join(registry, NAME));
}

/** Passes bytes between the two processes. */
class Wire {
  #target;
  #tell;
  #port;
  #open = new Set();
  #made = 0;

  constructor(address, tell) {
    const [host, port] = address.split(':');
    this.#target = { host, port: Number(port) };
    this.#tell = tell;
  }

  /** Has new connections come to a new port: a process that lost one goes on using it until it is told of another. */
  async move() {
    const older = this.#port;
    const port = createServer((socket) => this.#pass(socket, port));
    this.#port = port;
    await new Promise((resolve, reject) => port.once('error', reject).listen(0, '127.0.0.1', resolve));
    const made = this.#made;
    await this.#tell(`127.0.0.1:${port.address().port}`);
    if (older === undefined) return;
    const told = await becomes(async () => {
      await this.probe.request('ping');
      return this.#made > made;
    }, TOLD_MS, 20);
    if (!told) throw new Error(`the front Worker's process was not told of a new port within ${TOLD_MS} ms`);
    // Not before: until then, sockets that were cut the last time are opened anew over it.
    older.close();
  }

  /** Cuts every connection that was open, each when so many more bytes have come from the objects. New ones are made
   * meanwhile, and stay. Gives how many were cut, and how many of them in the middle of what was sent. */
  async cut(bytes) {
    await this.move();
    const open = [...this.#open].filter(({ port }) => port !== this.#port);
    for (const connection of open) connection.left = bytes();
    await becomes(() => open.every((connection) => connection.cut), CUT_MS, 10);
    const inside = open.filter((connection) => connection.inside).length;
    for (const connection of open) connection.end();
    return { cut: open.length, inside };
  }

  async close() {
    for (const connection of this.#open) connection.end();
    this.#port?.close();
  }

  #pass(front, port) {
    const objects = connect(this.#target);
    const connection = { port, left: Infinity, cut: false, inside: false };
    connection.end = () => {
      connection.cut = true;
      this.#open.delete(connection);
      front.destroy();
      objects.destroy();
    };
    this.#made += 1;
    this.#open.add(connection);
    front.on('data', (part) => objects.write(part));
    objects.on('data', (part) => {
      if (connection.cut) return;
      if (part.length <= connection.left) {
        connection.left -= part.length;
        front.write(part);
        return;
      }
      // The rest is lost on the way.
      connection.cut = true;
      connection.inside = true;
      front.write(part.subarray(0, connection.left), connection.end);
    });
    for (const socket of [front, objects]) socket.on('error', () => {}).on('close', connection.end);
  }
}
