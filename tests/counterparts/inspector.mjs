// MCP Inspector's own server and page, on free loopback ports, with a catalog and a storage folder of its own.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.mjs';
import { startProgram } from '../support/server.mjs';

const LAUNCHER = join(
  dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', '@modelcontextprotocol', 'inspector', 'clients', 'launcher', 'build', 'index.js',
);

/** Starts Inspector's web UI; `url` opens it. */
export async function startInspector() {
  const folder = await mkdtemp(join(tmpdir(), 'sessile-inspector-'));
  const catalog = join(folder, 'catalog.json');
  await writeFile(catalog, JSON.stringify({ mcpServers: {} }));
  const port = await freePort();
  const program = await startProgram(process.execPath, [LAUNCHER, '--web'], {
    ready: /up and running at:\s+(http:\/\/127\.0\.0\.1:\d+\S*)/,
    env: {
      HOME: folder,
      HOST: '127.0.0.1',
      CLIENT_PORT: String(port),
      MCP_SANDBOX_PORT: String(await freePort()),
      MCP_AUTO_OPEN_ENABLED: 'false',
      MCP_CATALOG_PATH: catalog,
      MCP_STORAGE_DIR: join(folder, 'storage'),
      MCP_INSPECTOR_SECRET_STORE: 'memory',
    },
  });
  return {
    url: program.match[1],
    log: program.log,
    async stop() {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Inspector's page, driven by what a person sees on it. */
export class InspectorPage {
  constructor(page, name = 'sessile') {
    this.page = page;
    this.name = name;
  }

  /** "Add Servers" -> "Add manually": the URL, transport Streamable HTTP. */
  async addServer(url) {
    const { page } = this;
    await page.getByRole('button', { name: 'Add Servers' }).click();
    await page.getByRole('menuitem', { name: 'Add manually' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Server ID').fill(this.name);
    await dialog.getByLabel('Transport').first().click();
    await page.getByRole('option', { name: 'streamable-http' }).click();
    await dialog.getByLabel('URL').fill(url);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Which protocol era Inspector speaks with this server: its settings' own words, `Legacy`, `Auto` or `Modern`. */
  async chooseEra(era) {
    const { page } = this;
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Protocol Era').first().click();
    await page.getByRole('option', { name: new RegExp(`^${era}`, 'i') }).click();
    // Closing saves; the page connects with what it reads back after that.
    let saved = false;
    const readBack = page.waitForResponse((response) => {
      saved ||= response.request().method() === 'PUT';
      return saved && response.request().method() === 'GET' && new URL(response.url()).pathname === '/api/servers';
    });
    await page.keyboard.press('Escape');
    await readBack;
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Flips the switch on the server's card. */
  async connect() {
    // The switch's input is covered by its track; a person clicks the track.
    await this.page.getByLabel(`Connect or disconnect "${this.name}"`).click({ force: true });
  }

  async connected({ timeout = 30_000 } = {}) {
    const status = this.page.getByTestId('connection-status');
    try {
      await this.page.locator('[data-testid=connection-status][data-status=connected]').waitFor({ state: 'attached', timeout });
    } catch (cause) {
      const [state, message] = await Promise.all(['data-status', 'data-error-message'].map((name) => status.getAttribute(name, { timeout: 1_000 }).catch(() => null)));
      throw new Error(`Inspector is not connected at ${this.page.url()}: ${state} ${message ?? ''}`, { cause });
    }
  }

  /** Goes to a screen (`Tools`) or to a part of the monitoring sidebar (`Network`). */
  async show(tab) {
    await this.page.getByText(tab, { exact: true }).first().click();
  }

  /** The words on the buttons of the tools screen, among them each tool's name on a line of its own. */
  async tools() {
    await this.show('Tools');
    await this.page.getByText(/^Tools \(\d+\)$/).waitFor();
    return (await this.page.getByRole('button').allInnerTexts()).flatMap((text) => text.split(/\n+/));
  }

  /** Calls a tool from its form and returns what "Results" shows. */
  async call(tool, args = {}) {
    await this.begin(tool, args);
    return this.result();
  }

  /** Fills a tool's form and executes it. */
  async begin(tool, args = {}) {
    const { page } = this;
    await this.show('Tools');
    const close = page.getByRole('button', { name: 'Close results' });
    if (await close.isVisible()) await close.click();
    await page.getByRole('button').filter({ has: page.getByText(tool, { exact: true }) }).first().click();
    for (const [name, value] of Object.entries(args)) await page.getByRole('textbox', { name }).first().fill(value);
    await page.getByRole('button', { name: 'Execute Tool' }).click();
  }

  async result() {
    const result = this.page.getByRole('heading', { name: 'Results' }).locator('xpath=following::pre[1]');
    await result.waitFor({ timeout: 30_000 });
    return (await result.innerText()).trim();
  }

  /** Fills the form that the server asks its user for, presses a button of it, and returns what was asked. */
  async answer(button, fields = {}) {
    const dialog = this.page.getByRole('dialog');
    await dialog.waitFor();
    const asked = await dialog.innerText();
    for (const [name, value] of Object.entries(fields)) await dialog.getByRole('textbox', { name }).fill(value);
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    return asked;
  }

  /** Goes to the resources and picks one by its name. */
  async pickResource(name) {
    await this.show('Resources');
    await this.page.getByText(name, { exact: true }).first().click();
  }

  /** Waits until the page shows these words. */
  sees(words) {
    return this.page.getByText(words).first().waitFor();
  }

  /** The rows of the network log, newest first, each as one line of words. */
  async network() {
    await this.show('Network');
    await this.page.getByText(/^Requests \(\d+\)$/).waitFor();
    const rows = this.page.getByText(/^(GET|POST|DELETE)$/).locator('xpath=ancestor::*[.//button[@aria-label="Expand"]][1]');
    return (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  }
}
