// What a person does on the account page: read its rows, press its buttons.

import assert from 'node:assert/strict';
import { isLoginForm } from './login.mjs';
import { Browser } from './pages.mjs';

/** Opens `/account`, and logs in first if `user` is given; returns the page. */
export async function openAccount(base, { browser = new Browser(), user } = {}) {
  const page = await browser.open(`${base}/account`);
  if (user === undefined) return page;
  const form = page.form('logging in', (candidate) => isLoginForm('dev')(candidate) && candidate.typed.includes('name'));
  return page.submit(form, { typed: { name: user } });
}

/** Whether a page is the login page. */
export const asksWho = (page) => page.status === 200 && page.forms.some(isLoginForm('dev'));

/** The page's one form. */
export const accountForm = (page) => page.form('the account', ({ action }) => action.pathname === '/account');

/** The values of all buttons of a name. */
export const buttons = (page, name) => accountForm(page).buttons.filter((button) => button.name === name).map(({ value }) => value);

/** Presses a button of the page, or one that somebody has made of it. */
export const press = (page, name, value) => page.submit(accountForm(page), { button: { name, value } });

/** The page is the account's, and says this. */
export function says(page, words) {
  assert.equal(page.status, 200, page.words);
  assert.ok(page.forms.some(({ action }) => action.pathname === '/account'), page.words);
  assert.match(page.words, words);
}
