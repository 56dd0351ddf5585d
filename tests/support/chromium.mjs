// Headless Chromium through playwright-core, and where its pictures go.

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OUTPUT = process.env.SESSILE_OUTPUT ?? join(ROOT, 'target', 'test-output');

/** A phone's screen, in CSS pixels. */
export const PHONE = { width: 390, height: 844 };
/** A laptop's screen, in CSS pixels. */
export const LAPTOP = { width: 1280, height: 800 };

/** Starts Chromium with a new, empty profile. Nothing it does by itself may reach for the network. */
export function launchChromium() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

/** Keeps a picture of the page under the tests' output. */
export async function picture(page, name) {
  await mkdir(OUTPUT, { recursive: true });
  await page.screenshot({ path: join(OUTPUT, `${name}.png`), fullPage: true });
}

/** The same page in the other guise: dark, on a phone. The page goes back to what it was. */
export async function pictureOnPhone(page, name) {
  const before = page.viewportSize();
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: 'dark' });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await picture(page, name);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
  return { overflow };
}
