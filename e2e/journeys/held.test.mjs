// A session ends while somebody types: they are warned before, and lose nothing after.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

async function at(site, address) {
  const person = await Person.arrive(signpost);
  await person.goto(site);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  return person;
}

// looksBack has the page ask how long its session still holds, as it does when somebody comes back to its tab.
const looksBack = (person) => person.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

// says has the page's question how long the session holds answered with other seconds than are true.
async function says(person, seconds, final = false) {
  await person.page.route("**/session", (route) => route.fulfill({ json: { seconds, final } }));
  await looksBack(person);
}

const focus = (person) => person.page.evaluate(() => document.activeElement.id || document.activeElement.innerText);

// endsElsewhere ends the sign-in in another tab, of which the page that is open learns nothing.
async function endsElsewhere(person) {
  const tab = await person.context.newPage();
  await tab.goto(`${signpost.cis2}/my-sessions`);
  await tab.getByRole("button", { name: "Log out here" }).click();
  await tab.getByRole("heading", { name: "You are logged out" }).waitFor();
  await tab.close();
  const left = async () => (await person.page.evaluate(async () => (await fetch("/session")).json())).seconds;
  for (let tries = 0; await left() > 0; tries++) assert.ok(tries < 100, "the service was not told");
}

test("the warning before a session ends, by keyboard alone, and what was typed after it ended", async () => {
  const priya = await at(signpost.dos, "priya.shah@fenmarch.example");
  await priya.follow("Find a service");
  await priya.fill("Patient's postcode", "FM1 1AA");
  await priya.press("Search");
  await priya.page.locator(".signpost-result a").first().click();
  await priya.press("Change capacity");
  await priya.sees("Change capacity");
  await priya.choose("Amber");
  const notes = priya.page.getByLabel("Notes for other professionals (optional)");
  await notes.pressSequentially("Two doctors away");

  await says(priya, 110);
  await priya.sees("You will be logged out soon", "dos-session-warning");
  await priya.reads("you will be logged out in less than 2 minutes");
  assert.equal(await focus(priya), "Stay logged in", "the focus goes into the question");
  await priya.page.unroute("**/session");
  const stayed = priya.page.waitForResponse((r) => r.url().endsWith("/session/stay"));
  await priya.page.keyboard.press("Enter");
  assert.equal((await stayed).status(), 204);
  await priya.page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(await focus(priya), await notes.getAttribute("id"), "and comes back");
  await priya.page.keyboard.type(", back at 3pm");

  await says(priya, 50);
  await priya.reads("in less than 1 minute");
  await priya.page.keyboard.press("Escape");
  await says(priya, 110, true);
  await priya.reads("You have been logged in for as long as is allowed.");
  await priya.look("dos-session-warning-final");
  await priya.page.keyboard.press("Enter");
  await priya.page.unroute("**/session");

  const tab = await priya.tab();
  await tab.goto(`${signpost.dos}/account`);
  await tab.fill("Telephone", "01632 960111");

  await endsElsewhere(priya);
  await looksBack(tab);
  await tab.sees("You have been logged out");
  await tab.page.keyboard.press("Enter");
  await tab.press("Save telephone");
  await tab.reads("What you typed is kept");
  await looksBack(priya);
  await priya.sees("You have been logged out", "dos-session-ended");
  await priya.page.keyboard.press("Enter");
  await priya.press("Save");
  await priya.reads("What you typed is kept");
  await priya.look("dos-signed-out-kept");
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.sees("2 forms that you sent are kept", "dos-held-two");
  await priya.reads("Save telephone", "01632 960111");
  await priya.page.getByRole("button", { name: "Discard it" }).nth(1).click();
  await priya.sees("You were logged out while you were working", "dos-held");
  await priya.reads("What can the service take?", "Amber", "Notes for other professionals", "Two doctors away, back at 3pm", "4 hours");
  await priya.press("Save");
  await priya.reads("Capacity saved.", "Two doctors away, back at 3pm");
  await priya.goto(`${signpost.dos}/held`);
  assert.doesNotMatch(await priya.text(), /Two doctors away/, "it is held no longer");
  await priya.leave();
});

test("what was typed in Care Identity Management is kept too", async () => {
  const chloe = await at(signpost.cim, "chloe.evans@fenmarch.example");
  await chloe.page.getByRole("link", { name: /Change.*email/ }).click();
  await chloe.sees("Enter your contact details");
  await chloe.page.locator("input[type=email]").first().fill("c.evans@fenmarch.example");
  await says(chloe, 110);
  await chloe.sees("You will be logged out soon", "cim-session-warning");
  await chloe.page.unroute("**/session");
  await chloe.page.keyboard.press("Enter");
  await endsElsewhere(chloe);
  await chloe.press("Update");
  await chloe.reads("What you typed is kept");
  await chloe.look("cim-signed-out-kept");
  await chloe.press("Log in with my Care Identity");
  await signInWithApp(chloe, "chloe.evans@fenmarch.example");
  await chloe.sees("You were logged out while you were working", "cim-held");
  await chloe.reads("Email address", "c.evans@fenmarch.example");
  await chloe.press("Update");
  await chloe.sees("Enter the code from the email");
  await chloe.sendsCode(typedCode(await chloe.mailTo("c.evans@fenmarch.example", /Care Identity code/)), "Save");
  await chloe.reads("Your email address has been updated and confirmed.");
  await chloe.leave();
});

test("nobody else on the same browser is shown what was typed", async () => {
  const joseph = await at(signpost.cim, "joseph.adeyemi@fenmarch.example");
  await joseph.page.getByRole("link", { name: /Change.*email/ }).click();
  await joseph.page.locator("input[type=email]").first().fill("private@fenmarch.example");
  await endsElsewhere(joseph);
  await joseph.press("Update");
  await joseph.press("Log in with my Care Identity");
  await signInWithApp(joseph, "zoe.field@fenmarch.example");
  await joseph.reads("Zoe Field");
  await joseph.goto(`${signpost.cim}/held`);
  await joseph.reads("Zoe Field");
  assert.doesNotMatch(await joseph.text(), /private@/);
  await joseph.leave();
});
