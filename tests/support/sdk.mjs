// The login of an SDK client: its own OAuth code, with the browser's part walked by our cookie-jar client.

import { randomBytes } from 'node:crypto';
import { walk } from './login.mjs';
import { REDIRECT } from './oauth.mjs';
import { Browser } from './pages.mjs';

/** An `OAuthClientProvider` of either SDK that keeps everything in memory. */
export class MemoryProvider {
  /** How often tokens were saved: one login, then one per refresh. */
  saved = 0;

  constructor(clientName) {
    this.clientName = clientName;
  }

  get redirectUrl() {
    return REDIRECT;
  }

  get clientMetadata() {
    return {
      client_name: this.clientName,
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  state() {
    this.lastState = randomBytes(8).toString('hex');
    return this.lastState;
  }

  clientInformation() {
    return this.client;
  }

  saveClientInformation(client) {
    this.client = client;
  }

  tokens() {
    return this.kept;
  }

  saveTokens(tokens) {
    this.saved += 1;
    this.kept = tokens;
  }

  redirectToAuthorization(url) {
    this.sentTo = url;
  }

  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  }

  codeVerifier() {
    return this.verifier;
  }

  saveDiscoveryState(state) {
    this.discovered = state;
  }

  discoveryState() {
    return this.discovered;
  }
}

/**
 * Connects a client that nobody logged in yet: the SDK is refused, sends its user to the login, redeems the code
 * and connects again.
 *
 * @param {{makeClient: () => object, Transport: Function, url: string, user: string, finish: (transport: object, redirect: URL) => Promise<void>}} how
 */
export async function connectByLogin({ makeClient, Transport, url, user, finish }) {
  const authProvider = new MemoryProvider('SDK client');
  const refused = makeClient();
  const first = new Transport(new URL(url), { authProvider });
  let thrown;
  try {
    await refused.connect(first);
  } catch (error) {
    thrown = error;
  }
  if (!authProvider.sentTo) throw new Error('the SDK was not sent to a login', { cause: thrown });
  const redirect = await walk(new Browser(), authProvider.sentTo, { user });
  if (redirect.searchParams.get('state') !== authProvider.lastState) throw new Error(`another state came back: ${redirect}`);
  await finish(first, redirect);
  await refused.close();
  const client = makeClient();
  const transport = new Transport(new URL(url), { authProvider });
  await client.connect(transport);
  return { client, transport, authProvider };
}
