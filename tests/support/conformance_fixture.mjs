// The server with every feature and without a login: examples/conformance behind the front Worker.

import { join } from 'node:path';
import { startServer } from './server.mjs';

/** The server that SESSILE_CONFORMANCE_URL names, or one that is started here. */
export async function fixtureServer() {
  const url = process.env.SESSILE_CONFORMANCE_URL;
  if (url) return { url: url.replace(/\/$/, ''), stop: async () => {} };
  return startServer({ config: join('examples', 'conformance', 'wrangler.toml') });
}

/** What the fixture has, by name. */
export const FIXTURE = {
  prompts: [
    'test_input_required_result_prompt', 'test_prompt_with_arguments', 'test_prompt_with_embedded_resource', 'test_prompt_with_image', 'test_simple_prompt',
  ],
  resources: ['test://static-binary', 'test://static-text', 'test://watched-resource'],
  templates: ['test://template/{id}/data'],
  watched: 'test://watched-resource',
};
