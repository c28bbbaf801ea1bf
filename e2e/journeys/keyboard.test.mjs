// The main story again, with the keyboard alone: no step needs a mouse, and the focus always shows.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser, totp } from "../lib/person.mjs";
import { appSecret, password, typedCode } from "../lib/steps.mjs";

const address = "ada.okafor@fenmarch.example";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// focused tells what has the focus, by its classes or its id.
const focused = (person) => person.page.evaluate(() => `${document.activeElement.id} ${document.activeElement.className}`);

test("the skip link comes first and leads to the content", async () => {
  const visitor = await Person.arrive(signpost);
  for (const site of [signpost.guide, signpost.mail, signpost.dos, signpost.cim, `${signpost.cis2}/my-sessions`]) {
    await visitor.goto(site);
    await visitor.page.keyboard.press("Tab");
    assert.match(await focused(visitor), /nhsuk-skip-link/, `the first stop at ${site}`);
    await visitor.page.keyboard.press("Enter");
    assert.match(await focused(visitor), /maincontent/, `where the skip link leads at ${site}`);
  }
  await visitor.leave();
});

test("from the old password to a security key, with the keyboard alone", async () => {
  const ada = await Person.arrive(signpost);
  await ada.holdsKey();
  await ada.goto(signpost.mail);
  await ada.hit("link", /\/bind\//);
  await ada.reach("radio", "Security Key");
  await ada.page.keyboard.press("Space");
  await ada.type("Email address", address);
  await ada.hit("button", "Send the code");
  await ada.sees("Enter the code from your email");
  await ada.type(/code/i, typedCode(await ada.mailTo(address, /[Cc]ode/))); // which is sent with its last letter
  await ada.sees("Register your authenticator");
  await ada.hit("button", "Continue");
  await ada.sees("Authenticator added");

  await ada.goto(signpost.dos);
  await ada.hit("button", /^Log in$/);
  await ada.sees("There is a problem", "dos-front-empty");
  assert.match(await focused(ada), /error-summary/, "the summary of what is wrong has the focus");
  await ada.type("Username", "ada.okafor");
  await ada.type("Password", password);
  await ada.page.keyboard.press("Enter");
  await ada.sees(/Link your DoS account to your Care Identity/);
  await ada.hit("button", "Link your Care Identity");
  await ada.hit("button", "Proceed, this account is mine alone");
  await ada.sees("How do you want to log in?");
  await ada.reach("radio", "Security Key");
  await ada.page.keyboard.press("Space");
  await ada.page.keyboard.press("Enter");
  await ada.sees("Use your security key");
  await ada.hit("button", "Continue");
  await ada.sees("Link your account to your Care Identity");
  await ada.hit("button", "Link my account");
  await ada.sees("Your account is linked");
  await ada.hit("button", "Log in with my Care Identity");
  await ada.reads("You are logged in with your Care Identity as Ada Okafor");

  await ada.hit("link", "Find a service");
  await ada.sees("Find a service");
  await ada.type("Patient's postcode", "FM1 1AA");
  await ada.page.keyboard.press("Enter");
  await ada.sees(/services within 10 miles/);
  await ada.page.locator(".signpost-result a").first().focus();
  await ada.page.keyboard.press("Enter");
  await ada.sees("Opening hours this week");
  await ada.hit("button", "Change capacity");
  await ada.sees("Change capacity");
  await ada.reach("radio", /Green|Amber|Red/);
  await ada.page.keyboard.press("ArrowDown");
  await ada.hit("button", "Save");
  await ada.reads("Capacity saved.");
  await ada.hit("link", "Log out");
  await ada.sees("What do you want to log out of?");
  await ada.hit("button", "Log out of everything on this computer");
  await ada.sees("You are logged out");
  await ada.leave();
});

test("a whole sign-in with the authenticator app, with the keyboard alone", async () => {
  const tomasz = await Person.arrive(signpost);
  await tomasz.goto(signpost.dos);
  await tomasz.hit("button", "Log in with my Care Identity");
  await tomasz.sees("How do you want to log in?");
  await tomasz.hit("button", "Continue");
  await tomasz.sees("There is a problem", "cis2-choose-none");
  assert.match(await focused(tomasz), /error-summary/, "the summary of what is wrong has the focus");
  await tomasz.reach("radio", "Security Key");
  for (let down = 0; down < 4; down++) await tomasz.page.keyboard.press("ArrowDown");
  assert.ok(await tomasz.page.getByLabel("Authenticator app").isChecked(), "the arrow keys move the choice");
  await tomasz.page.keyboard.press("Enter");
  await tomasz.sees("Log in with your authenticator app");
  await tomasz.type("Email address", "tomasz.nowak@fenmarch.example");
  await tomasz.type("Password", password);
  await tomasz.page.keyboard.press("Enter");
  await tomasz.sees("Enter verification code");
  await tomasz.type(/verification code/, totp(appSecret));
  await tomasz.reads("You are logged in with your Care Identity as Tomasz Nowak");
  await tomasz.leave();
});
