// Somebody of the programme team looks at the guard rails of a wave, sets a limit, and has real logins judged by the rule of
// the next phase on mirror days, which are called off again.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const day = (n) => new Date(Date.now() + n * 86_400_000)
  .toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/London" });

test("guard rails and mirror days of a wave", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/waves`);
  await priya.page.locator("table a").first().click();
  await priya.page.getByRole("link", { name: "See the guard rails" }).click();
  await priya.sees("Guard rails", "guard-rails");
  await priya.fill("People locked out: more than how many are too many?", "many");
  await priya.press("Save the limits");
  await priya.reads("Enter a number of people, such as 5");
  await priya.sees("There is a problem", "guard-rails-problem");
  await priya.fill("People locked out: more than how many are too many?", "3");
  await priya.press("Save the limits");
  await priya.reads("Limits saved");
  await priya.page.getByRole("link", { name: "Back" }).click();
  await priya.page.getByRole("link", { name: "See the mirror days" }).click();
  await priya.sees("Mirror days", "mirror-days");
  await priya.fill("First day", "soon");
  await priya.fill("How many days?", "2");
  await priya.press("Set mirror days");
  await priya.reads("Enter a date, such as 31 March 2027");
  await priya.fill("First day", day(0));
  await priya.press("Set mirror days");
  await priya.reads("Mirror days set");
  await priya.page.locator("table a").first().click();
  await priya.sees("Who would have been turned away", "mirror-report");
  await priya.press("Call it off");
  await priya.reads("The mirror days are called off");
  await priya.leave();
});
