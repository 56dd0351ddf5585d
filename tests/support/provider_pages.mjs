// Logging in through an upstream provider without a screen, and what an error page must be.

import assert from 'node:assert/strict';
import { authorizeUrl, newClient, pkce, REDIRECT } from './oauth.mjs';
import { Browser } from './pages.mjs';
import { isConsentForm, isLoginForm } from './login.mjs';

/** Longest a person waits for the page that says a provider does not answer, in milliseconds. */
export const PATIENCE_MS = 45_000;

/** Opens the authorization URL in a new browser and presses the provider's button; returns the page that comes. */
export async function pressProvider(base, provider, { browser = new Browser(), stopAt = REDIRECT } = {}) {
  const clientId = await newClient(base);
  const url = authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge, state: 's' });
  const page = await browser.open(url);
  const form = page.form(`logging in with ${provider}`, isLoginForm(provider));
  return page.submit(form, { button: form.buttons[0], stopAt, ms: PATIENCE_MS });
}

/** Presses the provider's button and stops at our callback, so that a test can go there in its own way. */
export async function reachCallback(base, provider, browser = new Browser()) {
  const { left } = await pressProvider(base, provider, { browser, stopAt: `${base}/login/callback/` });
  assert.ok(left, 'the provider did not send the browser back');
  return { browser, callback: left };
}

/** A page that says what happened and what to do; it logs nobody in, and shows nothing of ours or theirs. */
export function assertErrorPage(page, { secrets = [] } = {}) {
  assert.ok(!page.left, `redirected to ${page.left}`);
  assert.ok(page.status >= 400 && page.status < 600, `${page.status}: ${page.words.slice(0, 300)}`);
  assert.match(page.answer.header('content-type') ?? '', /text\/html/);
  assert.match(page.html, /<h1\b/i, 'the page has a heading');
  assert.ok(page.words.length > 60, `the page says what happened and what to do: ${page.words}`);
  assert.ok(!page.forms.some(isConsentForm), 'the page asks for consent');
  assert.ok(!page.html.includes('<script>alert('), 'the page repeats markup from outside');
  for (const secret of secrets) assert.ok(!page.html.includes(secret), 'the page shows a secret');
  assert.doesNotMatch(page.html, /panicked|stack trace|\bat .*\.rs:\d+/i);
}

/** After a failed login the same browser still has to log in. */
export async function assertLoggedOut(base, browser) {
  const clientId = await newClient(base);
  const page = await browser.open(authorizeUrl(base, { client_id: clientId, code_challenge: pkce().challenge }), { stopAt: REDIRECT });
  assert.ok(!page.left && !page.forms.some(isConsentForm), 'the browser is logged in');
}
