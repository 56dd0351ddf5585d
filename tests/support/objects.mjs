// What the objects of a server have stored.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How long a database may be held by the server that it belongs to, in milliseconds. */
export const BUSY_MS = 10_000;

/** Reads in the database of each object of a class; `work` is given the database, and whether it has a table. */
export function withObjects(persist, className, work) {
  const folder = join(persist, 'v3/do');
  const isOne = (file) => file.includes(`${className}/`) && file.endsWith('.sqlite') && !file.endsWith('metadata.sqlite');
  return readdirSync(folder, { recursive: true }).filter(isOne).map((file) => {
    const database = new DatabaseSync(join(folder, file), { readOnly: true, timeout: BUSY_MS });
    try {
      return work(database, (table) => database.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(table) !== undefined);
    } finally {
      database.close();
    }
  });
}
