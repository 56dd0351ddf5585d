// What a person does on our pages, in a real browser.

/** Waits for our login page, types a name and logs in. */
export async function logInAs(page, name) {
  const form = page.locator('form[action$="/login/start"]').filter({ has: page.locator('input[name="name"]') });
  await form.locator('input[name="name"]').fill(name);
  await form.getByRole('button').first().click();
}

/** Presses the button of a provider on our login page. */
export async function continueWith(page, label) {
  await page.getByRole('button', { name: new RegExp(label, 'i') }).click();
}

/** Waits for our consent page. */
export async function consentPage(page) {
  await page.getByRole('button', { name: /^(allow|approve|agree)/i }).waitFor();
}

/** Agrees on the consent page. */
export async function allow(page) {
  await page.getByRole('button', { name: /^(allow|approve|agree)/i }).click();
}
