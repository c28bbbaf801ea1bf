// A form with a mistake can be loaded again, and a page that was opened before logging in is gone on to: with and
// without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// logsIn logs Priya in with her Care Identity, from the directory's start page.
async function logsIn(priya) {
  await priya.press("Log in with my Care Identity");
  await logsInFromHere(priya);
}

// logsInFromHere is logsIn from the page where CIS2 asks for an authenticator.
async function logsInFromHere(priya) {
  await priya.page.getByLabel("Simulated authenticator").waitFor();
  await priya.choose("Simulated authenticator");
  await priya.press("Continue");
  await priya.choose(/Priya Shah - simulated Security Key/);
  await priya.press("Log in as this persona");
  await priya.page.waitForURL(`${signpost.dos}/**`);
}

// fails sends a form whose seal is broken: its error page is loaded again, and gone back from, without sending anything.
async function fails(person, site, button) {
  const form = person.page.url();
  await person.page.evaluate(() => document.querySelectorAll("input[name=seal]").forEach((seal) => { seal.value = "broken"; }));
  await person.press(button);
  await person.page.waitForURL("**/failed?reference=*");
  await person.sees("Something has changed", `${site}-failed`);
  const said = await person.text();
  const answer = await person.page.reload();
  assert.equal(answer.request().method(), "GET", "a reload sends nothing again");
  assert.equal(await person.text(), said, "the page and its reference are the same");
  await person.page.goBack();
  assert.equal(person.page.url(), form);
  await person.page.getByRole("button", { name: button }).first().waitFor();
}

for (const javaScript of [true, false]) {
  const how = javaScript ? "with JavaScript" : "without JavaScript";

  test(`a link that was opened before logging in, and a form with a mistake, ${how}`, async () => {
    const priya = await Person.arrive(signpost, { javaScript });
    await priya.goto(`${signpost.dos}/account`);
    await priya.sees("Directory of Services", "dos-front-goes-on");
    await priya.reads("Log in to go on to the page that you asked for.");
    await priya.page.reload();
    assert.doesNotMatch(await priya.text(), /the page that you asked for/, "it is said once");
    await logsIn(priya);
    await priya.page.waitForURL(`${signpost.dos}/account`);
    await priya.sees("Account");

    const email = priya.page.locator("input[name=email]");
    await email.fill("no address");
    await Promise.all([priya.page.waitForURL("**/account?again=1"), email.press("Enter")]);
    await priya.sees("There is a problem", "dos-account-again");
    const answer = await priya.page.reload();
    assert.equal(answer.request().method(), "GET", "a reload sends nothing again");
    await priya.sees("There is a problem");
    assert.equal(await email.inputValue(), "no address", "the form is as it was left");
    await priya.leave();
  });

  test(`a form that does not belong to its page, on each site, ${how}`, async () => {
    const priya = await Person.arrive(signpost, { javaScript });
    await priya.goto(signpost.dos);
    await priya.press("Log in with my Care Identity");
    await priya.page.getByLabel("Simulated authenticator").waitFor();
    await fails(priya, "cis2", "Continue");
    await logsInFromHere(priya);
    await priya.goto(`${signpost.dos}/account`);
    await fails(priya, "dos", "Save");
    await priya.goto(`${signpost.cim}/`);
    await priya.press("Log in with my Care Identity");
    await priya.page.waitForURL(`${signpost.cim}/view-your-profile`);
    await priya.goto(`${signpost.cim}/view-your-profile/email`);
    await fails(priya, "cim", "Update");
    await priya.leave();
  });

  test(`to log out of everything, ${how}`, async () => {
    const priya = await Person.arrive(signpost, { javaScript });
    await priya.goto(signpost.dos);
    await logsIn(priya);
    await priya.follow("Log out");
    await priya.sees("What do you want to log out of?");
    await priya.press("Log out of everything on this computer");
    if (!javaScript) {
      await priya.sees("Logging out of your Care Identity", "dos-leave");
      assert.doesNotMatch(priya.page.url(), /id_token/, "no ID token stands in the address");
      await priya.press("Log out of my Care Identity");
    }
    await priya.sees("You are logged out");
    await priya.reads("Care Identity, which ended the session in this browser");
    await priya.leave();
  });
}
