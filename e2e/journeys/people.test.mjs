// Whoever looks after people finds one by a part of the name, mends a detail, closes the profile and reopens it.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, signInWithSimulatedKey } from "../lib/steps.mjs";

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
  await manager.readsOnceLoadedAgain("It is closed.");
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

test("People asks for a stronger login than the profile, and comes back to itself", async () => {
  const chloe = await Person.arrive(signpost);
  await chloe.goto(signpost.cim);
  await chloe.press("Log in with my Care Identity");
  await signInWithApp(chloe, "chloe.evans@fenmarch.example", { weak: true });
  await chloe.sees("View your profile");
  await chloe.goto(`${signpost.cim}/people?at=Z90000`);
  await chloe.sees("Log in with a stronger authenticator", "cim-stronger");
  await chloe.press("Log in again");
  await signInWithSimulatedKey(chloe, "Chloe Evans");
  await chloe.sees(/^People of .*Z90000/, "cim-stronger-back");
  await chloe.leave();
});

test("a sponsor changes the dates of a position that is assignable to them", async () => {
  const fatima = await Person.arrive(signpost);
  await fatima.goto(signpost.cim);
  await fatima.press("Log in with my Care Identity");
  await signInWithApp(fatima, "fatima.noor@fenmarch.example");
  await fatima.sees("View your profile");
  await fatima.goto(`${signpost.cim}/people?name=nowak`);
  await fatima.sees(/^People of .*Z90000/, "cim-people-sponsor");
  await fatima.follow(/Nowak, Tomasz/);
  await fatima.sees("Tomasz Nowak", "cim-person-sponsor");
  await fatima.page.getByRole("link", { name: "Positions", exact: true }).click();
  await fatima.sees("Positions of Tomasz Nowak", "cim-positions-sponsor");
  await fatima.page.getByRole("link", { name: /Change dates/ }).click();
  await fatima.sees("Change dates", "cim-position-dates");
  await fatima.fill("Last day (optional)", "31 3 2099");
  await fatima.press("Change the dates");
  await fatima.reads("Dates changed.", "31 March 2099");
  await fatima.leave();
});
