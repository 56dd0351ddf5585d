// The vault of accounts in the storage of a server: as it lies there, and made older.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Every file below a storage folder. */
const files = (persist) =>
  readdirSync(persist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

/** Where a text stands in clear, of all that a server stores. */
export const storedIn = (persist, text) => files(persist).filter((file) => readFileSync(file).includes(text));

/** The accounts' databases of a server that is stopped; what `visit` returns of each. */
function accounts(persist, visit) {
  const found = files(persist).filter((file) => /AccountObject\/[^/]*\.sqlite$/.test(file));
  return found.map((file) => {
    const database = new DatabaseSync(file);
    const has = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'vault'").get();
    const result = has ? visit(database) : undefined;
    database.close();
    return result;
  }).filter((result) => result !== undefined);
}

/** What is kept, sealed. */
export const vaults = (persist) => accounts(persist, (database) => database.prepare('SELECT provider, sealed FROM vault').all()).flat();

/** Makes it long ago that any provider was asked about a user; how many users that were. */
export const ageChecks = (persist) => accounts(persist, (database) => database.prepare('UPDATE vault SET checked = 0').run().changes).length;
