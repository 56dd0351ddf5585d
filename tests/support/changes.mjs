// What others change, on `examples/conformance`: the tools that change something, and the words a client hears then.

import { modern, textOf } from './mcp.mjs';

/** A resource that everybody shares; `change('resource')` changes it. */
export const WATCHED = 'test://watched-resource';
/** A resource that each user has for themselves; `change('own_resource')` changes the caller's. */
export const OWN = 'test://own-resource';

export const TOOLS = { method: 'notifications/tools/list_changed' };
export const PROMPTS = { method: 'notifications/prompts/list_changed' };
export const updated = (uri) => ({ method: 'notifications/resources/updated', uri });

/** Changes `tool`s, `prompt`s, the watched `resource` or the caller's `own_resource`, without a session. */
export async function change(base, what, token) {
  textOf(await modern(base, token, 'tools/call', { name: `test_trigger_${what}_change`, arguments: {} }), what);
}

/** The next message of a stream, as far as it tells what changed; undefined where the stream ended. */
export async function heard(stream) {
  const message = (await stream.nextMessage())?.message;
  if (message === undefined) return undefined;
  const { method, params } = message;
  return params?.uri === undefined ? { method } : { method, uri: params.uri };
}
