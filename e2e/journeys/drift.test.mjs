// An administrator looks through accounts whose email address is not that of the Care Identity.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("email addresses that differ are listed with their likely cause, and decided", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.sees("Users");
  await priya.page.getByRole("link", { name: "Email addresses that differ" }).click();
  await priya.sees("Email addresses that differ", "drift-list");
  await priya.reads("ewan.archer@oldtrust.example");
  await priya.page.getByLabel("Likely cause").selectOption("Another domain");
  await priya.press("Show");
  await priya.page.getByRole("link", { name: "ewan.archer", exact: true }).click();
  await priya.sees("Ewan Archer", "drift-case");
  await priya.reads("Where the wrong one stands: only the holder knows");
  await priya.press("Save");
  await priya.sees("There is a problem", "drift-problem");
  await priya.choose(/It is being dealt with/);
  await priya.fill("Why, or what you did", "He changes his Care Identity today.");
  await priya.press("Save");
  await priya.reads("Saved.");
  await priya.leave();
});

test("the holder sees both addresses, and which to change where", async () => {
  const ewan = await Person.arrive(signpost);
  await ewan.goto(signpost.dos);
  await ewan.fill("Username", "ewan.archer");
  await ewan.fill("Password", password);
  await ewan.press(/^Log in$/);
  await ewan.page.waitForURL(`${signpost.dos}/**`);
  await ewan.goto(`${signpost.dos}/account`);
  await ewan.sees("Your email addresses differ", "drift-own");
  await ewan.reads("ewan.archer@oldtrust.example");
  await ewan.leave();
});
