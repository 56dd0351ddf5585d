// What a person does on the page of API keys.

import { asksWho } from './account_page.mjs';

/** What a key looks like to a scanner of secrets. */
export const KEY = /sessile_[A-Za-z0-9_-]{95}/;

/** Opens the page in a browser that is logged in. */
export const openKeys = (base, browser) => browser.open(`${base}/account/api-keys`);

/** The form of the page that makes a key, or that of the keys there are. */
export const keysForm = (page, button) => page.form(button, ({ action, buttons }) => action.pathname === '/account/api-keys' && buttons.some(({ name }) => name === button));

/** Fills in and sends the form for a new key. */
export function makeKey(page, { name, days = 30, scopes = [] }) {
  const ticked = Object.fromEntries(scopes.map((scope) => [`scope ${scope}`, 'on']));
  return page.submit(keysForm(page, 'do'), { typed: { name, days, ...ticked }, button: { name: 'do', value: 'make' } });
}

/** Looks a key up. */
export const lookUp = (page, key) => {
  const form = page.form('looking up', ({ action, typed }) => action.pathname === '/account/api-keys' && typed.includes('key'));
  return page.submit(form, { typed: { key }, button: { name: 'do', value: 'look' } });
};

/** Presses a button of a key. */
export const pressKey = (page, name, id) => page.submit(keysForm(page, name), { button: { name, value: id } });

/** The key that a page shows. */
export function keyOn(page) {
  const found = KEY.exec(page.words);
  if (page.status !== 200 || !found) throw new Error(`no key on the page: ${page.status} ${page.words.slice(0, 400)}`);
  return found[0];
}

/** What names a key, without its secret. */
export const idOf = (key) => key.slice('sessile_'.length, 'sessile_'.length + 12);

/** A new key of whoever is logged in with this browser. */
export async function newKey(base, browser, options) {
  const page = await openKeys(base, browser);
  if (asksWho(page)) throw new Error('nobody is logged in');
  return keyOn(await makeKey(page, options));
}
