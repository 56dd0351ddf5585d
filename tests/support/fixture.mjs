// What a test file stands on: a running server, people who logged in there, and the server's end.
//
//     const { base, alice } = await serve({ people: ['alice'] });

import { after } from 'node:test';
import { logIn } from './login.mjs';
import { sharedServer, startServer } from './server.mjs';

/**
 * Serves for the tests of one file, and ends the server after the last of them.
 *
 * @param {{example?: string, vars?: Record<string, string | number>, people?: string[]}} options
 *   `example`: the tool Worker of that folder alone, without a login if it is public; `vars`: variables of a server
 *   of one's own. Without either it is the server that most files share.
 *   `people`: names under which logged-in accounts are returned.
 */
export async function serve({ example, vars, people = [] } = {}) {
  const config = example && `examples/${example}/wrangler.toml`;
  const server = config ?? vars ? await startServer({ config, vars }) : await sharedServer();
  after(() => server.stop());
  const accounts = await Promise.all(people.map(async (name) => [name, await logIn(server.url)]));
  return { server, base: server.url, ...Object.fromEntries(accounts) };
}
