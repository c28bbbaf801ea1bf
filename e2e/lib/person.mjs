// A person at a browser. Every page that they see is held to what all pages promise, looked at by axe and
// kept as screenshots, wide and narrow.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { isNewPage, isNewPicture } from "./looked.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));
mkdirSync(shots, { recursive: true });

const wide = { width: 1280, height: 900 };
const narrow = { width: 320, height: 640 }; // what a page must bear without scrolling sideways (WCAG 1.4.10)

// What only the program's insides say.
const internals = /goroutine|panic:|\.go:\d+|<nil>|%!|SQLSTATE|sql:|no rows|context (canceled|deadline)|signpost\/internal/;

const looked = new Set(); // names of pages that this file has looked at

let browser;

async function openBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

// Person is one browser of their own.
export class Person {
  static async arrive(signpost, { javaScript = true } = {}) {
    const context = await (await openBrowser()).newContext({ viewport: wide, bypassCSP: false });
    const person = await Person.at(signpost, context, []);
    if (!javaScript) await person.runsScripts(false);
    return person;
  }

  // at opens a tab of a browser, and collects what is written to its console.
  static async at(signpost, context, problems) {
    const person = Object.assign(new Person(), { signpost, context, problems, page: await context.newPage() });
    person.page.on("pageerror", (e) => problems.push(String(e)));
    person.page.on("console", (m) => {
      if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) problems.push(m.text());
    });
    return person;
  }

  // tab is the same person at another tab of their browser.
  tab() { return Person.at(this.signpost, this.context, this.problems); }

  // runsScripts switches the scripts of pages on or off.
  async runsScripts(value) {
    this.scriptless = !value;
    await (await this.devtools()).send("Emulation.setScriptExecutionDisabled", { value: !value });
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.problems, [], "nothing was written to the browser's console");
  }

  // sees waits for a page by its heading and looks at it.
  async sees(heading, picture) {
    try {
      await this.page.getByRole("heading", { name: heading }).first().waitFor({ timeout: 10_000 });
    } catch {
      await this.page.screenshot({ path: `${shots}failed.png`, fullPage: true });
      assert.fail(`expected the heading ${heading} at ${this.page.url()}, saw:\n${await this.text()}\n${this.problems.join("\n")}`);
    }
    await this.look(picture);
  }

  // look holds the page to what all pages promise. A page that is given no picture's name keeps one by its
  // title.
  async look(picture) {
    const title = await this.page.title();
    const name = picture ?? `page-${new URL(this.page.url()).hostname.split(".")[0]}-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 50)}`;
    await this.keepPromises(name, title);
    if (looked.has(name)) return; // the same page again: once a file is enough of pictures and of axe
    looked.add(name);
    const isNew = await isNewPage(this.page);
    if (picture ? isNewPicture(name) : isNew) await this.takePictures(name);
    if (isNew) await this.hasNoBarriers(name);
  }

  // takePictures keeps the page as it is on a phone and at a desk, where it may not need scrolling sideways.
  async takePictures(name) {
    await this.page.setViewportSize(narrow);
    await this.page.screenshot({ path: `${shots}${name}-narrow.png`, fullPage: true }); // by then the menu has folded
    const overflow = () => this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    const narrowly = await overflow();
    await this.page.setViewportSize(wide);
    await this.page.screenshot({ path: `${shots}${name}-wide.png`, fullPage: true });
    const widely = await overflow();
    assert.ok(narrowly <= 0, `${name} is ${narrowly} px wider than a phone`);
    assert.ok(widely <= 0, `${name} is ${widely} px wider than a desk's screen`);
  }

  async keepPromises(name, title) {
    const { headings, skips, main, problem, unlinked } = await this.page.evaluate(() => ({
      headings: [...document.querySelectorAll("h1")].map((h) => h.innerText),
      skips: document.querySelector(".nhsuk-skip-link")?.getAttribute("href"),
      main: document.querySelectorAll("main#maincontent").length,
      problem: document.querySelectorAll(".nhsuk-error-summary").length,
      unlinked: [...document.querySelectorAll("main .nhsuk-summary-list__value, main .nhsuk-table td")].map((cell) => {
        if (location.pathname === "/held") return ""; // what somebody typed themselves
        const copy = cell.cloneNode(true);
        copy.querySelectorAll("a").forEach((link) => link.remove());
        return copy.textContent;
      }).filter((text) => /[\w.+-]+@[\w-]+(\.[\w-]+)+|\b0\d{4} ?\d{6}\b/.test(text)),
    }));
    assert.equal(headings.length, 1, `${name} has one main heading, not ${headings}`);
    assert.deepEqual([skips, main], ["#maincontent", 1], `${name} lets people skip to what it is about`);
    assert.ok(title, `${name} has a title`);
    assert.deepEqual(unlinked, [], `${name} leads to the numbers and addresses that it shows`);
    assert.equal(title.startsWith("Error: "), problem > 0, `${name} says in its title whether there is a problem: ${title}`);
    assert.doesNotMatch(await this.text(), internals, `${name} keeps internal text to itself`);
  }

  // hasNoBarriers runs axe in a world of its own, which the page's content security policy leaves alone.
  async hasNoBarriers(name) {
    const devtools = await this.devtools();
    const { frameTree } = await devtools.send("Page.getFrameTree");
    const { executionContextId } = await devtools.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
    const run = async (expression, awaitPromise) => {
      const { result, exceptionDetails } = await devtools.send("Runtime.evaluate",
        { expression, contextId: executionContextId, awaitPromise, returnByValue: awaitPromise });
      assert.equal(exceptionDetails, undefined, `axe on ${name}`);
      return result.value;
    };
    await run(axe, false);
    // axe needs timers, which a browser without scripts does not have; the page's own scripts stay away.
    const { scriptless } = this;
    if (scriptless) await this.runsScripts(true);
    const found = await run("axe.run(document, { preload: false, resultTypes: ['violations'] }).then((r) => ({ passes: r.passes.length, violations: r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ')) }))", true);
    if (scriptless) await this.runsScripts(false);
    assert.ok(found.passes > 5, `axe looked at ${name}`);
    assert.deepEqual(found.violations, [], `accessibility of ${name}`);
  }

  // devtools is one session for everything: ending a second one would take the authenticators away.
  async devtools() {
    this.cdp ??= await this.context.newCDPSession(this.page);
    return this.cdp;
  }

  goto(url) { return this.page.goto(url); }
  fill(label, value) { return this.page.getByLabel(label, { exact: true }).first().fill(value); }
  // bring chooses a file in the field for one.
  bring(name, text) { return this.page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) }); }
  // sendsCode types a code, which is sent once it is there whole. Without scripts it is sent by a button.
  async sendsCode(code, button) {
    const field = this.page.locator("input[name=code]");
    await this.page.waitForLoadState();
    if (!this.scriptless) return Promise.all([this.page.waitForNavigation(), field.fill(code)]);
    await field.fill(code);
    await this.press(button);
  }
  choose(label) { return this.page.getByLabel(label).first().check(); }
  press(name) { return this.page.getByRole("button", { name }).first().click(); }
  unfold(name) { return this.page.locator("summary").filter({ hasText: name }).first().click(); }
  // follow presses a link, after opening the menu of what the navigation has no room for where it stands there.
  async follow(name) {
    await this.page.getByRole("link", { name, includeHidden: true }).first().waitFor({ state: "attached" });
    await this.page.waitForLoadState(); // until then its script may still move links into the menu
    const link = this.page.getByRole("link", { name }).first();
    const more = this.page.getByRole("button", { name: "More" });
    if (!(await link.isVisible()) && (await more.isVisible())) await more.click();
    return link.click();
  }
  // reach moves the focus forward, by the Tab key alone, to what has this name, and sees that it shows.
  async reach(role, name) {
    const target = this.page.getByRole(role, { name }).first();
    await target.waitFor();
    for (let tries = 0; tries < 80; tries++) {
      await this.page.keyboard.press("Tab");
      if (await target.evaluate((e) => e === document.activeElement)) return this.focusShows(`${role} ${name}`);
    }
    assert.fail(`the Tab key does not reach the ${role} ${name} at ${this.page.url()}`);
  }

  async focusShows(what) {
    const shows = await this.page.evaluate(() => {
      const e = document.activeElement;
      const of = [e, e.nextElementSibling].filter(Boolean).map((x) => [getComputedStyle(x), getComputedStyle(x, "::before")]).flat();
      return of.some((s) => s.outlineStyle !== "none" || s.boxShadow !== "none");
    });
    assert.ok(shows, `the focus shows on ${what}`);
  }

  async hit(role, name) { await this.reach(role, name); await this.page.keyboard.press("Enter"); }
  async type(name, text) { await this.reach("textbox", name); await this.page.keyboard.press("Control+A"); await this.page.keyboard.type(text); }

  text() { return this.page.locator("body").innerText(); }

  // reads waits until the page says all of this.
  async reads(...parts) {
    const wanted = parts.map((part) => part instanceof RegExp ? part : new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
    for (let tries = 0; ; tries++) {
      const text = await this.text();
      const missing = wanted.find((part) => !part.test(text));
      if (!missing) return;
      if (tries === 50) assert.match(text, missing);
      await this.page.waitForTimeout(100);
    }
  }

  // readsOnceLoadedAgain loads the page again, as it asks people to, until it says what a job has done meanwhile.
  async readsOnceLoadedAgain(part) {
    for (let tries = 0; tries < 100 && !(await this.text()).includes(part); tries++) {
      await this.page.waitForTimeout(100);
      await this.page.reload();
    }
    await this.reads(part);
  }

  // holdsKey gives the browser an authenticator: a security key, or one built into the device, whose credentials may be
  // copied to others.
  async holdsKey({ transport = "usb", verified = true, synced = false } = {}) {
    const devtools = await this.devtools();
    await devtools.send("WebAuthn.enable");
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true,
        isUserVerified: verified, automaticPresenceSimulation: true,
        defaultBackupEligibility: synced, defaultBackupState: synced,
      },
    });
    return authenticatorId;
  }

  // mailTo reads the newest mail to an address in the demo's mailbox, in a tab of its own.
  async mailTo(address, subject = /./) {
    const tab = await this.context.newPage();
    try {
      for (let tries = 0; tries < 100; tries++) {
        await tab.goto(this.signpost.mail);
        const letters = await tab.locator("article").allInnerTexts();
        const letter = letters.find((text) => text.includes(address) && subject.test(text));
        if (letter) return letter;
        await tab.waitForTimeout(100);
      }
      throw new Error(`no mail to ${address} about ${subject}`);
    } finally {
      await tab.close();
    }
  }
}

// totp is the code an authenticator app shows for a secret in base32 (RFC 6238: SHA-1, 30 s, 6 digits).
export function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/[\s=]/g, "").toUpperCase()]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
