// Roles in the database of a server that is stopped.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Where wrangler keeps local D1 databases, below the storage folder. */
const LOCAL = 'v3/d1/miniflare-D1DatabaseObject';

/**
 * Writes roles into the database.
 *
 * @param {{roles?: Record<string, string>, users?: [issuer: string, subject: string, role: string][]}} given
 */
export function giveRoles(persist, { roles = {}, users = [] }) {
  const folder = join(persist, LOCAL);
  const file = readdirSync(folder).find((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite');
  const database = new DatabaseSync(join(folder, file));
  for (const entry of Object.entries(roles)) database.prepare('INSERT OR REPLACE INTO roles VALUES (?, ?)').run(...entry);
  for (const entry of users) database.prepare('INSERT OR REPLACE INTO user_roles VALUES (?, ?, ?)').run(...entry);
  database.close();
}
