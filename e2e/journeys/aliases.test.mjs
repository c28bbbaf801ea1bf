// An administrator proposes a domain alias, which does nothing until somebody else has signed it too.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("a domain alias is proposed, waits for a second signature and is withdrawn", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.sees("Users");
  await priya.page.getByRole("link", { name: "Domain aliases" }).click();
  await priya.sees("Domain aliases", "aliases-none");
  await priya.reads("Addresses in two domains propose nothing");
  await priya.page.getByRole("button", { name: "Propose a domain alias" }).click();
  await priya.sees("Propose a domain alias");
  await priya.fill("First domain", "nhs.net");
  await priya.fill("Second domain", "gmail.com");
  await priya.fill("How you know that one person has both", "The trust moved every mailbox to nhs.net in May.");
  await priya.press("Propose");
  await priya.sees("There is a problem", "alias-public-provider");
  await priya.fill("Second domain", "fenmarch.example");
  await priya.press("Propose");
  await priya.sees("fenmarch.example and nhs.net", "alias-waits");
  await priya.reads("You proposed this alias, so another administrator has to sign it");
  await priya.fill("Why you withdraw it", "The trust has kept its own mail.");
  await priya.press("Withdraw this alias");
  await priya.reads("The alias is withdrawn");
  await priya.sees("fenmarch.example and nhs.net", "alias-withdrawn");
  await priya.goto(`${signpost.dos}/aliases`);
  await priya.sees("Domain aliases", "aliases-some");
  await priya.leave();
});
