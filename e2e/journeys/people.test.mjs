// Whoever looks after people finds one by a part of the name, mends a detail, closes the profile and reopens it.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => {
  await closeBrowser();
  await signpost.stop();
});

test("a profile is found, changed, closed and reopened", async () => {
  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  await manager.goto(`${signpost.cim}/people`);
  await manager.follow("Find a person");
  await manager.fill("Find a person", "okaf");
  await manager.press("Find");
  await manager.sees("People found", "cim-found");
  await manager.follow("Ada Okafor");
  await manager.sees("Ada Okafor", "cim-person");
  await manager.page.getByRole("link", { name: "Change mobile number" }).click();
  await manager.fill("Mobile number (optional)", "07700 900 123");
  await manager.press("Update");
  await manager.reads("Mobile number updated.", "+447700900123");
  await manager.press("Close profile and remove all access");
  await manager.choose("They have left");
  await manager.fill("Notes", "Went to another trust");
  await manager.choose("All positions end");
  await manager.fill("Type CLOSE", "CLOSE");
  await manager.sees("Close profile and remove all access", "cim-close");
  await manager.press("Close profile and remove all access");
  await manager.reads("The Care Identity is being closed.");
  for (let tries = 0; tries < 60 && !(await manager.text()).includes("It is closed."); tries++) {
    await manager.page.waitForTimeout(500);
    await manager.page.reload();
  }
  await manager.sees("Ada Okafor", "cim-closed");
  await manager.press("Reopen");
  await manager.choose("Reopen it");
  await manager.fill("Why?", "Came back");
  await manager.press("Change the status");
  await manager.reads("The Care Identity is open again.", "No authenticator works");
  await manager.follow("Notes");
  await manager.reads("Went to another trust");
  await manager.sees(/^Notes about/, "cim-notes");
  await manager.follow("History");
  await manager.sees(/^History of/, "cim-history");
  await manager.reads("Closing begun", "A part of closing done");
});
