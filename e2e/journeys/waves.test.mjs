// Somebody of the programme team makes a wave, is told what is wrong, puts accounts into it, and moves it forward and back.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("a wave is made, filled, moved forward and back", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.page.getByRole("link", { name: "Waves of the move to Care Identity" }).click();
  await priya.sees("Waves of the move to Care Identity", "waves");
  await priya.page.getByRole("button", { name: "Make a wave" }).click();
  await priya.sees("Make a wave", "wave-new");
  await priya.fill("Name", "Fenmarch practices");
  await priya.fill("When people can begin to link", "1 March 2027");
  await priya.fill("When passwords stop logging people in", "1 February 2027");
  await priya.press("Make the wave");
  await priya.sees("There is a problem", "wave-out-of-order");
  await priya.fill("When passwords stop logging people in", "31 May 2027");
  await priya.press("Make the wave");
  await priya.sees("Fenmarch practices", "wave-empty");
  await priya.reads("Choose on 1 March 2027");
  await priya.reads("Accounts that are in no wave: 0");
  await priya.page.getByLabel("Forward to Choose").check();
  await priya.fill("Why?", "Everybody was written to on 1 March");
  await priya.press("Move the wave");
  await priya.reads("The wave is in the phase Choose now");
  await priya.page.getByLabel("Back to Prepare").check();
  await priya.fill("Why?", "The registration authority needs two more weeks");
  await priya.press("Move the wave");
  await priya.reads("The wave is in the phase Prepare now");
  await priya.sees("Fenmarch practices", "wave-back");
  await priya.goto(`${signpost.dos}/waves`);
  await priya.sees("Waves of the move to Care Identity", "waves-some");
  await priya.leave();
});
