// The audit and the usage as they stand in the database of a server.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { BUSY_MS, withObjects } from './objects.mjs';

/** Where wrangler keeps local D1 databases, below the storage folder. */
const LOCAL = 'v3/d1/miniflare-D1DatabaseObject';
/** Longest that a record may take to its row, in milliseconds; the queue waits a second for more of them. */
const ARRIVAL_MS = 20_000;

/** Does something with the database; rows come back in order. */
export function withDatabase(persist, work) {
  const folder = join(persist, LOCAL);
  const file = readdirSync(folder).find((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite');
  const database = new DatabaseSync(join(folder, file), { timeout: BUSY_MS });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** All records, in the order of the chain. */
export const records = (persist) =>
  withDatabase(persist, (database) => database.prepare('SELECT record FROM audit ORDER BY seq').all().map(({ record }) => JSON.parse(record)));

/** Waits until there are records that `wanted` says are enough, and returns them. */
export async function recordsWhen(persist, wanted, ms = ARRIVAL_MS) {
  const deadline = Date.now() + ms;
  for (;;) {
    const all = records(persist);
    if (wanted(all)) return all;
    if (Date.now() > deadline) throw new Error(`after ${ms} ms there are ${all.length} records: ${JSON.stringify(all.slice(-20), null, 1)}`);
    await delay(100);
  }
}

/** `cargo xtask audit verify` on a server that is stopped; how it ended and what it said. */
export const verify = (persist, more = []) =>
  new Promise((resolve) => {
    execFile(process.env.SESSILE_DEV_COMMAND, ['audit', 'verify', '--persist', persist, ...more], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, said: `${stdout}${stderr}` }));
  });

/** The batches that each account keeps which ever kept one. */
export const outboxes = (persist) =>
  withObjects(persist, 'AccountObject', (database, has) =>
    (has('outbox') ? database.prepare('SELECT batch FROM outbox').all().map(({ batch }) => JSON.parse(batch)) : undefined)).filter(Boolean);
