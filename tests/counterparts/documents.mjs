// A host of Client ID Metadata Documents: each client's has a path of its own, and can be wrong in any way.

import { json, serve } from './loopback.mjs';
import { REDIRECT } from '../support/oauth.mjs';

/** Where the tests' second redirect URI is: on the web, so that a client is not on loopback alone. */
export const WEB_REDIRECT = 'https://client.example/callback';

export async function startDocuments() {
  /** path -> function that answers */
  const answers = new Map();
  const reads = new Map();
  const server = await serve((request, response) => {
    const { url } = request;
    reads.set(url, [...(reads.get(url) ?? []), request.headers]);
    const answer = answers.get(url);
    return answer ? answer(response) : json(response, 404, { error: 'no such document' });
  });
  let named = 0;
  return {
    ...server,
    /** The fields of each request for a URL, oldest first. */
    reads: (url) => reads.get(new URL(url).pathname) ?? [],
    /** Puts a document at a new URL, or at that of an earlier one, and returns the URL. A member that is `undefined` is left out. */
    publish(changes = {}, { headers = {}, status = 200, at = `${server.url}/client-${(named += 1)}.json` } = {}) {
      const document = { client_id: at, client_name: 'Published client', redirect_uris: [REDIRECT, WEB_REDIRECT], token_endpoint_auth_method: 'none', ...changes };
      return this.answer((response) => json(response, status, document, headers), { at });
    },
    /** Answers at a URL in another way. */
    answer(answer, { at = `${server.url}/client-${(named += 1)}.json` } = {}) {
      answers.set(new URL(at).pathname, answer);
      return at;
    },
  };
}
