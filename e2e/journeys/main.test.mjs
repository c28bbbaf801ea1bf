// The notice's main story, as a person lives it in a browser: the old password, the checklist, an
// authenticator, the link, a service found and put right, and in again without a password.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, typedCode, addKey, signInWithKey } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("from the old password to a security key", async () => {
  const ada = await Person.arrive(signpost);
  await ada.goto(signpost.guide);
  await ada.sees("Try Signpost", "guide");
  await ada.reads("The tour: 0 of 7 done");

  await ada.holdsKey();
  const used = await addKey(ada, "ada.okafor@fenmarch.example");
  await ada.goto(used);
  await ada.sees("This link cannot be used", "cis2-bind-used");
  await ada.goto(signpost.mail);
  await ada.sees("Mail that was sent", "mail");

  await ada.goto(signpost.dos);
  await ada.sees("Directory of Services", "dos-front");
  await ada.fill("Username", "ada.okafor");
  await ada.fill("Password", password);
  await ada.press(/^Log in$/);
  await ada.sees(/Link your DoS account to your Care Identity/, "dos-checklist");
  await ada.reads("Link your DoS account to your Care Identity", "Completed");

  await ada.press("Link your Care Identity");
  await ada.sees("Link your Care Identity", "dos-link-start");
  await ada.press("Proceed, this account is mine alone");
  await ada.sees("How do you want to log in?", "cis2-choose");
  await ada.choose("Security Key");
  await ada.press("Continue");
  await ada.sees("Use your security key");
  await ada.press("Continue");
  await ada.sees("Link your account to your Care Identity", "dos-link-confirm");
  await ada.reads("ada.okafor", "Ada Okafor");
  await ada.press("Link my account");
  await ada.sees("Your account is linked", "dos-linked");
  await ada.reads("Ada Okafor (ada.okafor)", /Ada Okafor, number ending \d{3}/, "No password opens the account now");

  await ada.press("Log in with my Care Identity");
  await ada.sees("Find a service", "dos-home");
  await ada.reads("You are logged in with your Care Identity as Ada Okafor");

  await findAndPutRight(ada);
  await ada.goto(`${signpost.dos}/account`);
  await ada.sees("Account", "dos-account-linked");
  await ada.goto(`${signpost.dos}/users`);
  await ada.sees("You cannot do this", "dos-forbidden");
  await ada.follow("Go to the start page");

  await ada.follow("Log out");
  await ada.sees("What do you want to log out of?", "dos-sign-out");
  await ada.press("Log out of everything on this computer");
  await ada.sees("You are logged out", "dos-signed-out");
  await ada.reads("Ada Okafor is logged out of", "Care Identity, which ended the session in this browser");
  await ada.follow("Log in again");
  await ada.press("Log in with my Care Identity");
  await ada.sees("How do you want to log in?", "cis2-choose-again"); // after a logout, whoever comes proves who they are
  await signInWithKey(ada);
  await ada.page.waitForURL(`${signpost.dos}/**`);
  await ada.sees("Find a service");

  await ada.goto(signpost.guide);
  await ada.reads("The tour: 6 of 7 done");
  await ada.look("guide-done");
  await ada.leave();
});

async function findAndPutRight(ada) {
  await ada.follow("Find a service");
  await ada.sees("Find a service", "dos-search-empty");
  await ada.press("Search");
  await ada.sees("There is a problem", "dos-search-error");
  await ada.fill("Patient's postcode", "FM1 1AA");
  await ada.page.getByLabel("Type of service").selectOption({ label: "Pharmacy" });
  await ada.press("Search");
  await ada.sees(/services within 10 miles of FM1/, "dos-search-results");
  for (const group of await ada.page.locator("section").filter({ has: ada.page.locator(".signpost-result") }).all()) {
    const distances = (await group.locator(".signpost-result__distance").allInnerTexts()).map((text) => parseFloat(text.replace("About ", "")));
    assert.ok(distances.length > 0, "services were found");
    assert.deepEqual(distances, [...distances].sort((a, b) => a - b), "the nearest comes first");
  }

  await ada.page.locator(".signpost-result a").first().click();
  await ada.sees("Opening hours this week", "dos-service");
  await ada.press("Change capacity");
  await ada.sees("Change capacity", "dos-capacity");
  await ada.choose("Red");
  await ada.fill("Notes for other professionals (optional)", "Flooded, back tomorrow");
  await ada.press("Save");
  await ada.reads("Capacity saved.", "Red: no capacity", "Flooded, back tomorrow", "by Ada Okafor");

  await ada.look("dos-service-changed");

  await ada.press("Change opening hours");
  await ada.sees("Change opening hours", "dos-hours");
  await ada.fill("Monday", "18:00-09:00");
  await ada.press("Save");
  await ada.sees("There is a problem", "dos-hours-error");
  assert.equal(await ada.page.getByLabel("Monday", { exact: true }).inputValue(), "18:00-09:00", "what was typed is kept");
  await ada.fill("Monday", "08:00-20:00");
  await ada.press("Save");
  await ada.reads("Opening hours saved.", "8am to 8pm");
  await ada.follow("See what was changed and by whom");
  await ada.sees("What was changed", "dos-history");
  await ada.reads("Opening hours", "Capacity", "Red: no capacity. Flooded, back tomorrow", "Ada Okafor");
}

test("the old password is dead after linking", async () => {
  const again = await Person.arrive(signpost);
  await again.goto(signpost.dos);
  for (const user of ["ada.okafor", "tomasz.nowak", "nobody.at.all"]) {
    await again.fill("Username", user);
    await again.fill("Password", password);
    await again.press(/^Log in$/);
    await again.sees("There is a problem");
    await again.reads("The username or password is not right, or this account logs in with a Care Identity.");
  }
  await again.look("dos-front-refused");
  await again.leave();
});
