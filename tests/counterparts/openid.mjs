// npm `oidc-provider`, a certified OpenID provider, on loopback, with its own development pages.

import { Provider } from 'oidc-provider';
import { serve } from './loopback.mjs';

/** Starts a provider that knows one client. `redirect` is our callback; `secret` the client's. */
export async function startOpenId({ clientId, secret, redirect }) {
  let handle;
  const server = await serve((request, response) => handle(request, response));
  const provider = new Provider(server.url, {
    clients: [{
      client_id: clientId,
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id} of Acme`, preferred_username: id, email: `${id}@acme.example`, email_verified: true }) }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['only-for-tests'] },
  });
  handle = provider.callback();
  return { ...server, issuer: server.url };
}

/** Signs in on the provider's own pages, in a browser. */
export async function signInThere(page, login) {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Says no on the provider's own pages. */
export async function refuseThere(page) {
  await page.getByText('[ Cancel ]').click();
}
