// What an admin does on the pages below `/account`: read them, fill in their forms.

import assert from 'node:assert/strict';
import { openAccount } from './account_page.mjs';
import { someone } from './login.mjs';

/** The pages for admins. */
export const PAGES = ['/account/users', '/account/roles', '/account/clients', '/account/keys'];

/** The form whose button does this; of several the one about `name`. */
export const formOf = (page, what, name) =>
  page.form(what, ({ buttons, fields }) =>
    buttons.some((button) => button.name === 'do' && button.value === what)
    && (name === undefined || fields.some((field) => field[0] === 'name' && field[1] === name)));

/** Sends one of the page's forms with what was typed, and without the fields that were unticked. */
export function act(page, what, { name, typed, without = [], form = formOf(page, what, name) } = {}) {
  const fields = form.fields.filter(([field]) => !without.includes(field));
  return page.submit({ ...form, fields }, { typed, button: { name: 'do', value: what } });
}

/** The page is one of those for admins, and says this. */
export function tells(page, words, status = 200) {
  assert.equal(page.status, status, page.words);
  assert.match(page.words, words);
  assert.match(page.html, /aria-current="page"/);
}

/** A browser in which somebody has logged in, and the account they have. */
export async function signedIn(base, user = someone()) {
  const { browser } = await openAccount(base, { user });
  return { user, browser, open: (path) => browser.open(`${base}${path}`) };
}

/** The addresses of the users on a page of the list, in its order. */
export const listed = (page) => [...page.html.matchAll(/<h2><a href="(\/account\/users\/[^"]+)"/g)].map(([, href]) => href);

/** The page of the one user whose subject is searched for. */
export async function userPage(admin, user) {
  const found = listed(await admin.open(`/account/users?q=${encodeURIComponent(user)}`));
  assert.equal(found.length, 1, `${user}: ${found}`);
  return admin.open(found[0]);
}
