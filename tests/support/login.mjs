// A whole login without a screen: register -> authorize -> log in -> consent -> code -> token.

import { randomBytes } from 'node:crypto';
import { Browser } from './pages.mjs';
import { authorizeUrl, newClient, pkce, redeem, REDIRECT } from './oauth.mjs';

/** Pages between the authorization URL and the client's redirect; a login page and a consent page, and room. */
const PAGES_MAX = 6;

/** A user name that no other test uses. */
export const someone = (prefix = 'user') => `${prefix}-${randomBytes(4).toString('hex')}`;

export const isLoginForm = (provider) => (form) =>
  form.action.pathname === '/login/start' && form.fields.some(([name, value]) => name === 'provider' && value === provider);

export const isConsentForm = (form) => form.action.pathname === '/authorize' && form.method === 'POST';

const decisionButton = (form, allow) => {
  const words = allow ? /allow|approve|agree|accept/i : /deny|decline|refuse|cancel/i;
  const button = form.buttons.find(({ value, words: label }) => words.test(`${value} ${label}`));
  if (!button) throw new Error(`no button to ${allow ? 'allow' : 'deny'} among: ${form.buttons.map(({ words: label }) => label).join(', ')}`);
  return button;
};

/** Opens the authorization URL and logs in with a provider; returns the page that comes after, or where we were sent. */
export async function passLogin(browser, url, { user, provider = 'dev', stopAt = REDIRECT, ms } = {}) {
  const page = await browser.open(url, { stopAt, ms });
  if (page.left) return page;
  const picks = isLoginForm(provider);
  if (!page.forms.some(picks) && page.forms.some(isConsentForm)) return page;
  const form = page.form(`logging in with ${provider}`, (candidate) => picks(candidate) && (provider !== 'dev' || candidate.typed.includes('name')));
  return page.submit(form, { typed: provider === 'dev' ? { name: user } : {}, button: form.buttons[0], stopAt, ms });
}

/** Decides on the consent page; returns the redirect to the client. */
export async function decide(page, { allow = true, stopAt = REDIRECT } = {}) {
  const form = page.form('consent', isConsentForm);
  return page.submit(form, { button: decisionButton(form, allow), stopAt });
}

/** Walks from the authorization URL to the redirect, whatever pages lie between, and returns the redirect's URL. */
export async function walk(browser, url, { user, provider = 'dev', allow = true, stopAt = REDIRECT } = {}) {
  let at = await passLogin(browser, url, { user, provider, stopAt });
  for (let pages = 0; !at.left; pages += 1) {
    if (pages === PAGES_MAX) throw new Error(`no redirect after ${PAGES_MAX} pages; the last says: ${at.words.slice(0, 300)}`);
    at = await decide(at, { allow, stopAt });
  }
  return at.left;
}

/** Logs in and stops with a code in hand. */
export async function logInToCode(base, { user = someone(), provider = 'dev', browser = new Browser(), clientId, scope, resource = `${base}/mcp` } = {}) {
  const client = clientId ?? (await newClient(base));
  const { verifier, challenge } = pkce();
  const state = randomBytes(8).toString('hex');
  const left = await walk(browser, authorizeUrl(base, { client_id: client, code_challenge: challenge, state, scope, resource }), { user, provider });
  const code = left.searchParams.get('code');
  if (!code) throw new Error(`no code in the redirect: ${left}`);
  if (left.searchParams.get('state') !== state) throw new Error(`the redirect has another state: ${left}`);
  return { user, browser, clientId: client, code, verifier, arrived: left };
}

/** Logs in and returns the account a test works with. */
export async function logIn(base, options = {}) {
  const granted = await logInToCode(base, options);
  const answer = await redeem(base, granted);
  const body = await answer.json();
  if (answer.status !== 200) throw new Error(`POST /token: ${answer.status} ${JSON.stringify(body)}`);
  return {
    user: granted.user,
    browser: granted.browser,
    clientId: granted.clientId,
    code: granted.code,
    verifier: granted.verifier,
    token: body.access_token,
    refreshToken: body.refresh_token,
    body,
  };
}
