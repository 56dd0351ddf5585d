// npm `oidc-provider`, a certified OpenID provider, on loopback, with its own development pages.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { serve } from './loopback.mjs';

/**
 * Starts a provider that knows one client. `redirect` is our callback; `secret` the client's; `accessSeconds` how long
 * access tokens live.
 */
export async function startOpenId({ clientId, secret, redirect, accessSeconds = 3_600 }) {
  let handle;
  /** Paths at which it breaks off, as if it had gone away. */
  const gone = new Set();
  /** Logins of people who are not there any more. */
  const left = new Set();
  const server = await serve((request, response) => {
    if (gone.has(new URL(request.url, server.url).pathname)) return request.socket.destroy();
    return handle(request, response);
  });
  const configuration = {
    clients: [{
      client_id: clientId,
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    findAccount: (_, id) => (left.has(id) ? undefined : { accountId: id, claims: () => ({ sub: id, name: `${id} of Acme`, preferred_username: id, email: `${id}@acme.example`, email_verified: true }) }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['only-for-tests'] },
    ttl: { AccessToken: accessSeconds },
  };
  /** Begins to sign with a key that nobody has seen, and forgets the one before. */
  const rotateKeys = () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const key = { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' };
    handle = new Provider(server.url, { ...configuration, jwks: { keys: [key] } }).callback();
  };
  rotateKeys();
  return { ...server, issuer: server.url, rotateKeys, gone, left };
}

/** Signs in on the provider's own pages, in a browser. */
export async function signInThere(page, login) {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** The same without a screen, from its login page to wherever it sends the browser. */
export async function fillInThere(page, login) {
  const consent = await page.submit(page.form('signing in there', ({ typed }) => typed.includes('login')), { typed: { login, password: 'any' } });
  return consent.submit(consent.form('agreeing there', ({ fields }) => fields.some(([, value]) => value === 'consent')));
}

/** Says no on the provider's own pages. */
export async function refuseThere(page) {
  await page.getByText('[ Cancel ]').click();
}
