// Passwords no longer open an account in Require. An administrator lets one work for a day, the person comes in and asks
// for more time, and the administrator ends the day early. Who lacks guidance for a wave is looked at too.
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

test("a password works for a day by an exception, and who lacks guidance is seen", async () => {
  const lucy = await Person.arrive(signpost);
  await withPassword(lucy, "lucy.barnes");
  await lucy.reads("Your password no longer opens the Directory of Services");
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users?q=lucy.barnes`);
  await priya.page.getByRole("link", { name: "lucy.barnes" }).first().click();
  await priya.page.getByRole("link", { name: "Let the password work longer, or end that" }).click();
  await priya.sees("Exception for a password", "exception-none");
  await priya.press("Let the password work for 24 hours");
  await priya.sees("There is a problem", "exception-no-reason");
  await priya.page.locator("form").filter({ hasText: "Let the password work for 24 hours" }).getByLabel("Why?")
    .fill("On call tonight, and the registration authority is closed");
  await priya.press("Let the password work for 24 hours");
  await priya.reads("The password works for 24 hours");
  await priya.sees("Exception for a password", "exception-open");
  await withPassword(lucy, "lucy.barnes");
  await lucy.goto(`${signpost.dos}/account/exception`);
  await lucy.sees("Ask for more time with your password", "exception-own");
  await lucy.fill("For how many days?", "30");
  await lucy.fill("Why do you need it?", "I am on leave until May");
  await lucy.press("Ask for it");
  await lucy.reads("You asked for more time on");
  await priya.page.reload();
  await priya.reads("Somebody asks for longer");
  await priya.sees("Exception for a password", "exception-asked");
  await priya.press("End it now");
  await priya.reads("The exception has ended");
  await lucy.goto(`${signpost.dos}/account`);
  await lucy.reads("your account may no longer be used with its password");
  await priya.goto(`${signpost.dos}/waves`);
  await priya.page.getByRole("link", { name: "Wave 1, first adopters" }).click();
  await priya.page.getByRole("link", { name: /See who\s+lacks guidance/ }).click();
  await priya.sees("Who lacks guidance", "guidance");
  await priya.reads("Not yet");
  await lucy.leave();
  await priya.leave();
});
