// A browser without a screen: cookies, redirects and forms, so that a login takes milliseconds.
//
// It reads pages generically (every hidden field, action and button), so that a test depends on what a
// page asks and not on how it is written. It runs no scripts; the browser tests are for that.

import { exchange } from './http.mjs';

/** Redirects followed in a row; a login needs four. */
const REDIRECTS_MAX = 12;

export class Browser {
  /** hostname -> name -> {value, path}. Cookies do not tell ports apart: RFC 6265 section 8.5. */
  #jar = new Map();

  /** A second browser with the same cookies, as after "duplicate this tab". */
  clone() {
    const copy = new Browser();
    for (const [host, cookies] of this.#jar) copy.#jar.set(host, new Map(cookies));
    return copy;
  }

  /** The names of the cookies that a host holds here. */
  cookieNames(url) {
    return [...(this.#jar.get(new URL(url).hostname)?.keys() ?? [])];
  }

  /**
   * Opens a URL and follows redirects.
   *
   * @param {{method?: string, body?: string, headers?: object, stopAt?: string, ms?: number}} options
   *   `stopAt`: a redirect that begins like this is not followed but returned, as `{ left: URL }`.
   */
  async open(url, { method = 'GET', body, headers = {}, stopAt, ms } = {}) {
    let target = new URL(url);
    for (let hop = 0; hop < REDIRECTS_MAX; hop += 1) {
      const answer = await exchange(target, {
        method,
        body,
        ms,
        headers: {
          accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          cookie: this.#cookies(target),
          ...headers,
        },
      });
      this.#keep(target, answer.headers['set-cookie'] ?? []);
      const location = answer.header('location');
      if (answer.status < 300 || answer.status >= 400 || location === undefined) {
        return new Page(this, target, answer, await answer.text());
      }
      answer.close();
      const next = new URL(location, target);
      if (stopAt !== undefined && next.href.startsWith(stopAt)) return { left: next, answer };
      if (answer.status === 307 || answer.status === 308) {
        throw new Error(`${answer.what}: ${answer.status} would send a form's fields on to ${next.host}`);
      }
      [target, method, body, headers] = [next, 'GET', undefined, {}];
    }
    throw new Error(`more than ${REDIRECTS_MAX} redirects, last to ${target}`);
  }

  #cookies(url) {
    const cookies = [...(this.#jar.get(url.hostname) ?? [])].filter(([, cookie]) => pathMatches(url.pathname, cookie.path));
    return cookies.length === 0 ? undefined : cookies.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #keep(url, lines) {
    const cookies = this.#jar.get(url.hostname) ?? new Map();
    this.#jar.set(url.hostname, cookies);
    for (const line of lines) {
      const [pair, ...rest] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const attributes = new Map(rest.map((part) => {
        const [key, ...value] = part.split('=');
        return [key.toLowerCase(), value.join('=')];
      }));
      if (name.startsWith('__Host-') && (!attributes.has('secure') || attributes.get('path') !== '/' || attributes.has('domain'))) {
        continue; // A browser refuses it: RFC 6265bis section 4.1.3.2.
      }
      const gone = Number(attributes.get('max-age') ?? 1) <= 0
        || (attributes.has('expires') && !attributes.has('max-age') && Date.parse(attributes.get('expires')) <= Date.now());
      if (gone) cookies.delete(name);
      else cookies.set(name, { value: pair.slice(pair.indexOf('=') + 1), path: attributes.get('path') || '/' });
    }
  }
}

/** A page as it was answered, with its forms. */
export class Page {
  constructor(browser, url, answer, text) {
    this.browser = browser;
    this.url = url;
    this.answer = answer;
    this.status = answer.status;
    this.html = text;
    this.forms = readForms(text, url);
  }

  /** What a person reads: no tags, entities resolved, white space folded. */
  get words() {
    const visible = this.html.replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
    return unescapeHtml(visible).replace(/\s+/g, ' ').trim();
  }

  /** The form that a predicate picks; the message names what was there. */
  form(what, predicate) {
    const form = this.forms.find(predicate);
    if (form) return form;
    const found = this.forms.map(({ action, fields }) => `${action.pathname} {${fields.map(([name]) => name)}}`);
    throw new Error(`no form for ${what} on ${this.url.pathname} (${this.status}); forms: ${found.join(' | ') || 'none'}; says: ${this.words.slice(0, 400)}`);
  }

  /** Sends a form the way a browser does, with the fields that were typed and the button that was pressed. */
  submit(form, { typed = {}, button, stopAt, ms } = {}) {
    const fields = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(typed)) fields.set(name, value);
    if (button?.name) fields.set(button.name, button.value);
    if (form.method === 'GET') {
      const target = new URL(form.action);
      target.search = fields.toString();
      return this.browser.open(target, { stopAt, ms });
    }
    return this.browser.open(form.action, {
      method: 'POST',
      body: fields.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.#originOfPost(), 'sec-fetch-site': 'same-origin' },
      stopAt,
      ms,
    });
  }

  /** Fetch standard, "append a request Origin header": a page without referrer posts with the origin `null`. */
  #originOfPost() {
    const byHeader = this.answer.header('referrer-policy')?.trim() === 'no-referrer';
    const byMeta = /<meta[^>]*name="?referrer"?[^>]*content="?no-referrer["\s/>]/i.test(this.html);
    return byHeader || byMeta ? 'null' : this.url.origin;
  }
}

function readForms(html, base) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, inside]) => {
    const attributes = readAttributes(head);
    const controls = [...inside.matchAll(/<input\b([^>]*)>/gi)].map(([, text]) => readAttributes(text));
    const presses = controls.filter(({ type }) => type === 'submit').map((control) => ({ ...control, words: control.value ?? '' }));
    const buttons = [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(([, text, words]) => ({
      ...readAttributes(text),
      words: unescapeHtml(words.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim(),
    }));
    const inputs = controls.filter(({ type, name }) => name && type !== 'submit' && type !== 'button');
    return {
      action: new URL(attributes.action ?? '', base),
      method: (attributes.method ?? 'get').toUpperCase(),
      fields: inputs
        .filter((input) => !['checkbox', 'radio'].includes(input.type) || 'checked' in input)
        .map((input) => [input.name, input.value ?? '']),
      typed: inputs.filter(({ type }) => type !== 'hidden').map(({ name }) => name),
      buttons: [...buttons, ...presses].map(({ name, value, words }) => ({ name, value: value ?? '', words })),
    };
  });
}

function readAttributes(text) {
  const found = [...text.matchAll(/([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)];
  return Object.fromEntries(found.map(([, name, double, single, bare]) => [name.toLowerCase(), unescapeHtml(double ?? single ?? bare ?? '')]));
}

function unescapeHtml(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
  return text.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (whole, name) => {
    if (name[0] !== '#') return named[name.toLowerCase()] ?? whole;
    return String.fromCodePoint(name[1] === 'x' || name[1] === 'X' ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10));
  });
}

function pathMatches(path, prefix) {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}
