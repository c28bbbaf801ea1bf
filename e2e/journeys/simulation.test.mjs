// Somebody of the programme team asks who would be locked out, looks at who they are, and keeps the result.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("who would be locked out is asked, looked at and kept", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.page.getByRole("link", { name: "Who would be locked out" }).click();
  await priya.sees("Who would be locked out", "simulation");
  await priya.page.getByLabel("Phase").selectOption("Require");
  await priya.press("Show who would be locked out");
  await priya.reads("would be locked out, of whom");
  await priya.sees("Who would be locked out", "simulation-result");
  await priya.page.getByRole("table", { name: "What would let them in" })
    .getByRole("link", { name: /^\d+ with this to do: / }).first().click();
  await priya.reads("Like this since");
  await priya.sees("Who would be locked out", "simulation-people");
  await priya.press("Save this result");
  await priya.reads("The result is saved");
  await priya.sees("Who would be locked out", "simulation-saved");
  await priya.goto(`${signpost.dos}/users`);
  await priya.page.getByRole("link", { name: "When people will be ready" }).click();
  await priya.fill("Everybody should be ready before", "31 March 2036");
  await priya.press("Show");
  await priya.sees("When people will be ready", "forecast");
  await priya.leave();
});
