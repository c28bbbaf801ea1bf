// Passwords of a wave in Require still work on 3 days of work: the strip counts them, on the last one nothing can be
// changed, and then the door is shut. In Choose somebody puts linking off, and is asked again a day later.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

async function withPassword(person, username) {
  await person.goto(signpost.dos);
  await person.fill("Username", username);
  await person.fill("Password", password);
  await person.press(/^Log in$/);
}

async function tomorrow(person) {
  await person.goto(signpost.guide);
  await person.press("Go on to tomorrow");
  await person.reads("It does not go back");
}

async function grant(priya, wave, days) {
  await priya.goto(`${signpost.dos}/waves`);
  await priya.page.getByRole("link", { name: wave }).click();
  await priya.page.getByRole("link", { name: /See who\s+lacks guidance/ }).click();
  const form = priya.page.locator("form").filter({ hasText: "Save the days of work" });
  await form.getByLabel("On how many days of work do passwords still work in Require?").fill(String(days));
  await form.getByLabel("Why?").fill("People need some days");
  await priya.press("Save the days of work");
  await priya.page.locator(".nhsuk-notification-banner--success").waitFor();
}

test("a password works on the days that a wave grants, and then no more", async () => {
  const lucy = await Person.arrive(signpost);
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("Your password no longer opens the Directory of Services");
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await grant(priya, "Wave 2, urgent treatment", 3);
  await grant(priya, "Wave 1, first adopters", 2);

  const strip = lucy.page.getByRole("complementary", { name: "About what you can do now" });
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("Your password works on 3 days that you work");
  await lucy.look("days-of-work-first");
  await lucy.press("Log out");
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("Your password works on 3 days that you work"); // a second login of the same day counts no more
  await tomorrow(lucy);
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("Your password works on 2 days that you work");
  await tomorrow(lucy);
  await tomorrow(lucy); // a day on which she does not work
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("This is the last day on which your password works");
  assert.match(await strip.innerText(), /Last day/i);
  await lucy.reads("Now. This is the last day on which your password works");
  await lucy.look("days-of-work-last");
  await lucy.goto(`${signpost.dos}/services`);
  await lucy.reads("you can look but change nothing");
  await tomorrow(lucy);
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("Your password no longer opens the Directory of Services");
  await lucy.look("days-of-work-over");
});

test("linking is put off for a day", async () => {
  const ada = await Person.arrive(signpost);
  await withPassword(ada, "ada.okafor");
  await ada.goto(`${signpost.dos}/services`);
  await ada.reads("You will soon log in with your Care Identity alone");
  await ada.goto(`${signpost.dos}/checklist`);
  await ada.press("Not today");
  await ada.reads("You are not asked again for 24 hours");
  await ada.goto(`${signpost.dos}/services`);
  assert.equal(await ada.page.getByText("You will soon log in with your Care Identity alone").count(), 0);
  await tomorrow(ada);
  await withPassword(ada, "ada.okafor");
  await ada.goto(`${signpost.dos}/services`);
  await ada.reads("You will soon log in with your Care Identity alone");
});
