// A clinic of ten: the manager ticks them in the queue, and goes through with the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// heading is that of the page, without the name of the clinic.
const heading = (person) => person.page.locator("h1 bdi").last().innerText();
const focused = (person) => person.page.evaluate(() => document.activeElement.innerText);

// enter presses Enter on what has the focus, which says some words, and waits for the next page.
async function enter(person, words) {
  await person.page.waitForFunction(() => document.activeElement.hasAttribute("autofocus"));
  assert.match(await focused(person), words);
  await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press("Enter")]);
  await person.page.waitForLoadState();
}

// binds opens the link on the device of the person whom it is for.
async function binds(link, address) {
  const own = await Person.arrive(signpost);
  await own.holdsKey();
  await own.goto(link);
  await own.choose("Security Key");
  await own.fill("Email address", address);
  await own.press("Send the code");
  await own.sees(/code/i, "cis2-bind-code");
  await own.sendsCode(typedCode(await own.mailTo(address, /[Cc]ode/)), "Continue");
  await own.sees("Register your authenticator", "cis2-bind-key");
  await own.press("Continue");
  await own.sees("Authenticator added", "cis2-bind-done");
  await own.leave();
}

test("a clinic of ten with the keyboard alone", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  await manager.goto(`${signpost.cim}/queue?kind=no-authenticator`);
  await manager.sees("Queue", "cim-queue-ticks");
  const boxes = manager.page.getByRole("checkbox", { name: /into a clinic/ });
  assert.ok(await boxes.count() >= 10, "at least ten people have no authenticator");
  const ticked = new Set();
  for (let n = 0; ticked.size < 10; n++) {
    await boxes.nth(n).focus();
    await manager.page.keyboard.press("Space");
    ticked.add(await boxes.nth(n).getAttribute("value"));
  }
  await manager.page.getByRole("button", { name: "Make a clinic with those ticked" }).focus();
  await manager.page.keyboard.press("Enter");
  await manager.sees("Make a clinic", "cim-clinic-new");
  await manager.type("Name", "New starters");
  await manager.type("Where it is", "Room 2");
  await manager.type("Day", "not a day");
  await manager.page.keyboard.press("Enter");
  await manager.sees("There is a problem", "cim-clinic-new-problem");
  const today = new Date().toLocaleDateString("en-GB", { timeZone: "Europe/London" }).replaceAll("/", " ");
  await manager.page.getByLabel("Day").fill(today);
  await manager.page.keyboard.press("Enter");
  await manager.sees("Clinic: New starters", "cim-clinic");

  const begun = Date.now();
  const served = [];
  await enter(manager, /^Next: /);
  for (let n = 0; n < 10; n++) {
    served.push(await heading(manager));
    if (n === 9) { // who did not come
      await manager.page.keyboard.press("Tab");
      assert.equal(await focused(manager), "Did not come");
      await manager.page.keyboard.press("Enter");
      break;
    }
    if (n === 0) await manager.look("cim-clinic-person");
    await enter(manager, /^Check in/);
    if (/look again/.test(await focused(manager))) { // a link was mailed to them before
      await manager.page.keyboard.press("Tab");
      assert.equal(await focused(manager), "Make another link");
      await Promise.all([manager.page.waitForNavigation(), manager.page.keyboard.press("Enter")]);
    } else {
      await enter(manager, /^Make a link/);
    }
    if (n === 0) await manager.look("cim-clinic-link");
    if (n === 1) {
      const link = await manager.page.locator("code").innerText();
      const profile = await manager.tab();
      await profile.goto(await manager.page.getByRole("link", { name: /^Profile of/ }).getAttribute("href").then((at) => signpost.cim + at));
      const address = /[\w.+-]+@[\w.-]+/.exec(await profile.text())[0];
      await profile.page.close();
      await binds(link, address);
      await manager.page.getByRole("button", { name: "They have added it: look again" }).focus();
      await enter(manager, /look again/);
      await enter(manager, /next person$/);
      continue;
    }
    await manager.page.keyboard.press("Tab");
    if ((await focused(manager)).startsWith("Give")) await manager.page.keyboard.press("Tab");
    assert.match(await focused(manager), /next person$/);
    await Promise.all([manager.page.waitForNavigation(), manager.page.keyboard.press("Enter")]);
  }
  const seconds = (Date.now() - begun) / 1000 / 10;
  console.log(`a clinic of ten: ${seconds.toFixed(1)} seconds a person`);
  assert.ok(seconds < 60, `${seconds} seconds a person`);
  assert.equal(new Set(served).size, 10, `each of the ten once: ${served}`);
  await manager.reads("Nobody is left who is here or expected", "Did not come");
  await manager.goto(`${manager.page.url()}/list`);
  await manager.sees("List of the clinic: New starters", "cim-clinic-list");
  await manager.leave();
});
