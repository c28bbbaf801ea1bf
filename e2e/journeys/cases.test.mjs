// Each of the notice's cases gets a page that says what to do next.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser, totp } from "../lib/person.mjs";
import { appSecret, password, signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

async function byPassword(username) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.fill("Username", username);
  await person.fill("Password", password);
  await person.press(/^Log in$/);
  return person;
}

test("a shared account is refused the link and told what to do", async () => {
  const team = await byPassword("riverside.reception");
  await team.sees(/Request your own DoS account/, "case-shared-checklist");
  await team.reads("Request your own DoS account", "I currently use a shared username (riverside.reception) and require an individual username for MFA readiness.");
  await team.unfold("What comes after");
  await team.follow("Say whether you have a Care Identity");
  await team.press("Continue");
  await team.sees("There is a problem", "dos-questions-error");
  await team.choose("Yes, but it does not work");
  await team.press("Continue");
  await team.unfold("What comes after");
  await team.reads("Ask your registration authority to reactivate your Care Identity", "Nobody else who uses this shared account sees your answers.");
  await team.follow("Change your answers");
  await team.choose("Yes, log in with it now");
  await team.press("Continue");
  await signInWithApp(team, "o.grant@oldtrust.example");
  await team.reads("You logged in as Oliver Grant", "Nothing was linked.");
  await team.look("case-shared-logged-in");
  const colleague = await byPassword("riverside.reception");
  await colleague.unfold("What comes after");
  await colleague.reads("Do you already have a Care Identity?");
  await colleague.leave();
  await team.goto(`${signpost.dos}/link`);
  await team.sees("Request a new DoS account", "case-shared-link");
  await team.reads("A shared account cannot be linked to one person's Care Identity");
  assert.match(await team.page.locator("textarea").first().inputValue(), /riverside\.reception/);
  await team.goto(`${signpost.dos}/account`);
  await team.sees("Account", "case-shared-account");
  await team.leave();
});

test("an inactive Care Identity", async () => {
  const grace = await byPassword("grace.mbeki");
  await grace.sees(/Ask your registration authority to reactivate your Care Identity/, "case-inactive-checklist");
  await grace.reads("Fenmarch University Hospitals NHS Trust", "Your registration authority");
  await grace.press("Log out");
  await grace.goto(signpost.dos);
  await grace.press("Log in with my Care Identity");
  await signInWithApp(grace, "grace.mbeki@fenmarch.example");
  await grace.sees("Your Care Identity is not active", "case-inactive-refused");
  await grace.leave();
});

test("no Care Identity", async () => {
  const daniel = await byPassword("daniel.price");
  await daniel.sees(/Do you already have a Care Identity/, "case-none-checklist");
  await daniel.reads("We found no Care Identity with the email address daniel.price@fenmarch.example", "Do not apply for a second one.");
  await daniel.press("Say whether you have a Care Identity");
  await daniel.sees("Your Care Identity", "dos-questions");
  await daniel.page.locator("input[name=identity][value=none]").check();
  await daniel.press("Continue");
  await daniel.reads("Apply for a Care Identity");
  await daniel.look("case-none-answered");
  await daniel.page.locator("main").getByRole("link", { name: "Find your registration authority" }).first().click();
  await daniel.sees("Find your registration authority", "cim-finder");
  await daniel.fill("The organisation you work for", "fenmarch univ");
  await daniel.press("Search");
  await daniel.reads("Fenmarch University Hospitals NHS Trust", "registration.authority@fenmarch.example");
  await daniel.look("cim-finder-found");
  await daniel.fill("The organisation you work for", "nowhere at all");
  await daniel.press("Search");
  await daniel.sees("Nothing found for nowhere at all", "cim-finder-empty");
  await daniel.leave();
});

test("a missing position", async () => {
  const mei = await Person.arrive(signpost);
  await mei.goto(signpost.dos);
  await mei.press("Log in with my Care Identity");
  await signInWithApp(mei, "mei.chen@fenmarch.example");
  await mei.sees("Your Care Identity does not have the position for the Directory of Services", "case-position");
  await mei.reads("R8008", "B0166");
  await mei.leave();
});

test("email addresses that drifted apart: nothing is proposed, and a code links all the same", async () => {
  const oliver = await byPassword("oliver.grant");
  await oliver.sees(/Do you already have a Care Identity/, "case-drifted-checklist");
  await oliver.reads("We found no Care Identity with the email address oliver.grant@fenmarch.example");
  await oliver.follow("DoS account linked to your Care Identity");
  await oliver.press("Proceed, this account is mine alone");
  await signInWithApp(oliver, "o.grant@oldtrust.example");
  await oliver.sees("Link your account to your Care Identity", "case-drifted-confirm");
  await oliver.reads("oliver.grant@fenmarch.example", "o.grant@oldtrust.example");
  await oliver.fill("Code from the email", "WRNG 2345");
  await oliver.press("Link my account");
  await oliver.sees("There is a problem", "case-drifted-wrong-code");
  await oliver.fill("Code from the email", typedCode(await oliver.mailTo("oliver.grant@fenmarch.example", /link your Care Identity/)));
  await oliver.press("Link my account");
  await oliver.sees("Your account is linked");
  await oliver.leave();
});

test("an email address that nobody confirmed: nothing is proposed, and a code links all the same", async () => {
  const karim = await byPassword("karim.archer");
  await karim.reads("Confirm the email address on your Care Identity");
  await karim.follow("DoS account linked to your Care Identity");
  await karim.press("Proceed, this account is mine alone");
  await signInWithApp(karim, "sofia.rossi@fenmarch.example");
  await karim.sees("Is this your Care Identity?", "case-two-names");
  await karim.reads("Karim Archer (karim.archer)", /Sofia Rossi, number ending \d{3}/);
  await karim.press("No, use another Care Identity");
  await signInWithApp(karim, "karim.archer@fenmarch.example");
  await karim.sees("Link your account to your Care Identity", "case-unverified-confirm");
  await karim.fill("Code from the email", typedCode(await karim.mailTo("karim.archer@fenmarch.example", /link your Care Identity/)));
  await karim.press("Link my account");
  await karim.sees("Your account is linked");
  await karim.leave();
});

test("an email address that nobody confirmed: proved in Care Identity Management", async () => {
  const sofia = await byPassword("sofia.rossi");
  await sofia.sees(/Confirm the email address on your Care Identity/, "case-unverified-checklist");
  await sofia.goto(signpost.cim);
  await sofia.sees("Care Identity Management", "cim-front");
  await sofia.press("Log in with my Care Identity");
  await signInWithApp(sofia, "sofia.rossi@fenmarch.example");
  await sofia.sees("View your profile", "cim-profile");
  await sofia.reads("Not confirmed", "Directory of Services System");
  await sofia.page.getByRole("link", { name: /Change.*email/ }).click();
  await sofia.sees("Enter your contact details", "cim-email");
  await sofia.press("Update");
  await sofia.sees("Enter the code from the email", "cim-email-code");
  await sofia.sendsCode(typedCode(await sofia.mailTo("sofia.rossi@fenmarch.example", /Care Identity code/)), "Save");
  await sofia.reads("Your email address has been updated and confirmed.", /Confirmed \d+ /);
  await sofia.goto(signpost.dos);
  await sofia.reads("The same email address on both, and confirmed");
  await sofia.leave();
});

test("nothing to log in with, and two Care Identities", async () => {
  const hannah = await byPassword("hannah.walker");
  await hannah.sees(/Ask your registration authority for an authenticator/, "case-no-authenticator");
  await hannah.unfold("Read the email first");
  await hannah.reads("Issue an approved authenticator", "My name: Hannah Walker");
  await hannah.press("Send the email to Fenmarch University Hospitals NHS Trust");
  await hannah.sees("There is nothing for you to do now", "case-asked");
  await hannah.reads("Who else is working on it", "You asked on");
  await hannah.mailTo("registration.authority@fenmarch.example", /authenticator, for Hannah Walker/);
  await hannah.leave();
  const ibrahim = await byPassword("ibrahim.khan");
  await ibrahim.sees(/Ask your registration authority which of your Care Identities to keep/, "case-several");
  await ibrahim.reads("Ask your registration authority which of your Care Identities to keep");
  await ibrahim.leave();
});

test("a wave that requires a Care Identity, and one that is over", async () => {
  const lucy = await byPassword("lucy.barnes");
  await lucy.sees("Your password no longer opens the Directory of Services", "case-require");
  await lucy.press("Log in with my Care Identity");
  await signInWithApp(lucy, "lucy.barnes@fenmarch.example");
  await lucy.sees("Link your Directory of Services account", "case-claim");
  await lucy.fill("Directory of Services username", "lucy.barnes");
  await lucy.fill("Directory of Services password", "not the password");
  await lucy.press("Continue");
  await lucy.sees("There is a problem", "case-claim-wrong");
  await lucy.fill("Directory of Services password", password);
  await lucy.press("Continue");
  await signInWithApp(lucy, "lucy.barnes@fenmarch.example");
  await lucy.sees("Link your account to your Care Identity");
  await lucy.press("Link my account");
  await lucy.sees("Your account is linked");
  await lucy.leave();
  const team = await byPassword("night.team");
  await team.sees("Shared accounts can no longer be used in the Directory of Services", "case-shared-over");
  await team.leave();
});

test("a Care Identity without an account", async () => {
  const zoe = await Person.arrive(signpost);
  await zoe.goto(signpost.dos);
  await zoe.press("Log in with my Care Identity");
  await signInWithApp(zoe, "zoe.field@fenmarch.example");
  await zoe.sees("Link your Directory of Services account", "case-no-account");
  await zoe.follow("Request an account of your own");
  await zoe.sees("Request a new DoS account");
  await zoe.leave();
});

test("my account details: the address is saved by a typed code only", async () => {
  const hannah = await byPassword("hannah.walker");
  await hannah.goto(`${signpost.dos}/account`);
  await hannah.sees("My Account Details", "dos-account");
  await hannah.fill("Email Id", "not an address");
  await hannah.press("Save");
  await hannah.sees("There is a problem", "dos-account-error");
  await hannah.fill("Email Id", "h.walker@fenmarch.example");
  await hannah.press("Save");
  await hannah.sees("Enter the code from the email", "dos-account-code");
  await hannah.sendsCode(typedCode(await hannah.mailTo("h.walker@fenmarch.example", /Directory of Services code/)), "Save");
  await hannah.reads("Your email address has been saved and confirmed.", "h.walker@fenmarch.example");
  await hannah.mailTo("hannah.walker@fenmarch.example", /email address was changed/);
  await hannah.leave();
});

test("whoever is locked out by a wrong link undoes it without logging in", async () => {
  const karim = await Person.arrive(signpost);
  await karim.goto(signpost.dos);
  await karim.follow("Undo a link");
  await karim.sees("Undo a link", "dos-undo-link");
  await karim.press("Send the code");
  await karim.sees("There is a problem");
  await karim.fill("Directory of Services username", "karim.archer");
  await karim.press("Send the code");
  await karim.sees("Enter the code from the email", "dos-undo-link-code");
  await karim.fill("Code from the email", typedCode(await karim.mailTo("karim.archer@fenmarch.example", /code to undo a link/)));
  await karim.press("Undo the link");
  await karim.sees("The link is undone", "dos-undo-link-done");
  await karim.reads("ask your DoS user administrator for a code");
  await karim.leave();
});

test("an administrator undoes a link, and the way back", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.follow("Users");
  await priya.sees("Users", "dos-users");
  await priya.follow("Links where the names differ");
  await priya.sees("Links where the names differ", "dos-users-names");
  await priya.goto(`${signpost.dos}/users`);
  await priya.fill("Search for a user", "nowak tom");
  await priya.press("Search");
  await priya.reads("1 user");
  await priya.follow("tomasz.nowak");
  await priya.sees("tomasz.nowak", "dos-user");
  await priya.press("Undo the link");
  await priya.sees("There is a problem");
  await priya.fill("Why it has to be undone", "He linked on a colleague's computer");
  await priya.press("Undo the link");
  await priya.reads("The link is undone.", "Not linked");
  await priya.sees("Give this code to the person", "dos-user-code");
  const handedOver = typedCode(await priya.text());
  await priya.leave();
  const tomasz = await Person.arrive(signpost);
  await tomasz.goto(signpost.dos);
  await tomasz.press("Log in with my Care Identity");
  await signInWithApp(tomasz, "tomasz.nowak@fenmarch.example");
  await tomasz.follow("I have a code from my administrator");
  await tomasz.sees("Link with a code from your administrator", "dos-link-leave");
  await tomasz.press("Continue");
  await tomasz.sees("There is a problem");
  await tomasz.fill("Directory of Services username", "tomasz.nowak");
  await tomasz.fill("Code from your DoS user administrator", handedOver);
  await tomasz.press("Continue");
  await signInWithApp(tomasz, "tomasz.nowak@fenmarch.example");
  await tomasz.sees("Link your account to your Care Identity");
  await tomasz.fill("Code from the email", typedCode(await tomasz.mailTo("tomasz.nowak@fenmarch.example", /code to link your Care Identity/)));
  await tomasz.press("Link my account");
  await tomasz.sees("Your account is linked");
  await tomasz.leave();
});

test("one sign-in serves both sites, and its page says where", async () => {
  const sam = await Person.arrive(signpost);
  await sam.goto(signpost.dos);
  await sam.press("Log in with my Care Identity");
  await signInWithApp(sam, "sam.doyle@fenmarch.example");
  await sam.reads("You are logged in with your Care Identity as Sam Doyle");
  await sam.goto(signpost.cim);
  await sam.press("Log in with my Care Identity");
  await sam.sees("View your profile");
  await sam.goto(`${signpost.cis2}/my-sessions`);
  await sam.sees(/logged in/, "cis2-sessions");
  await sam.reads("Directory of Services", "Care Identity Management");
  await sam.leave();
});

test("a wave that has not opened", async () => {
  const margaret = await byPassword("margaret.hill");
  await margaret.sees("There is nothing for you to do now", "case-prepare-checklist");
  await margaret.reads("Linking opens on");
  await margaret.leave();
});

test("a wrong password and a wrong code at an authenticator app", async () => {
  const zoe = await Person.arrive(signpost);
  await zoe.goto(signpost.dos);
  await zoe.press("Log in with my Care Identity");
  await zoe.choose("Authenticator app");
  await zoe.press("Continue");
  await zoe.fill("Email address", "zoe.field@fenmarch.example");
  await zoe.fill("Password", "not the password");
  await zoe.press("Continue");
  await zoe.sees("There is a problem", "cis2-app-password-wrong");
  await zoe.fill("Password", password);
  await zoe.press("Continue");
  await zoe.sendsCode("000000", "Submit");
  await zoe.sees("There is a problem", "cis2-app-code-wrong");
  await zoe.press("Cancel and go back to Directory of Services");
  await zoe.page.waitForURL(`${signpost.dos}/**`);
  await zoe.look("dos-cancelled");
  await zoe.leave();
});

test("a forgotten password of an authenticator app", async () => {
  const zoe = await Person.arrive(signpost);
  await zoe.goto(signpost.dos);
  await zoe.press("Log in with my Care Identity");
  await zoe.choose("Authenticator app");
  await zoe.press("Continue");
  await zoe.follow("Forgotten your password?");
  await zoe.sees("Forgotten your password", "cis2-app-forgotten");
  await zoe.fill("Email address", "zoe.field@fenmarch.example");
  await zoe.press("Send the code");
  await zoe.sees("Choose another password", "cis2-app-new-password");
  const code = typedCode(await zoe.mailTo("zoe.field@fenmarch.example", /another password/));
  await zoe.fill("Code from the email", code);
  await zoe.page.locator("input[name=app]").fill(totp(appSecret));
  await zoe.fill("New password", "Summer2026!");
  await zoe.press("Save the password");
  await zoe.sees("There is a problem", "cis2-app-new-password-known");
  await zoe.fill("Code from the email", code);
  await zoe.page.locator("input[name=app]").fill(totp(appSecret));
  await zoe.fill("New password", "wombats in wellingtons");
  await zoe.press("Save the password");
  await zoe.reads("Your password has been changed");
  await zoe.look("cis2-app-password-changed");
  await zoe.fill("Email address", "zoe.field@fenmarch.example");
  await zoe.fill("Password", "wombats in wellingtons");
  await zoe.press("Continue");
  await zoe.sees("Enter verification code");
  await zoe.leave();
});

test("pages that no story opens", async () => {
  const visitor = await Person.arrive(signpost);
  await visitor.goto(signpost.guide);
  for (const one of await visitor.page.locator("summary").all()) await one.click();
  await visitor.look("guide-open");
  for (const [address, heading, picture] of [
    [`${signpost.dos}/help`, "Accessibility and help", "dos-help"],
    [`${signpost.dos}/request-account`, "Request a new DoS account", "dos-request"],
    [`${signpost.dos}/services`, "Directory of Services", "dos-not-signed-in"],
    [`${signpost.cim}/apply`, "Obtain a Care Identity", "cim-apply"],
    [`${signpost.cim}/view-your-profile`, "Care Identity Management", "cim-not-signed-in"],
    [`${signpost.cis2}/my-sessions`, "You are not logged in", "cis2-sessions-none"],
  ]) {
    await visitor.goto(address);
    await visitor.sees(heading, picture);
  }
  await visitor.leave();
});

test("addresses that lead nowhere", async () => {
  const lost = await Person.arrive(signpost);
  for (const site of ["dos", "cim", "cis2"]) {
    await lost.goto(`${signpost[site]}/no/such/page`);
    await lost.sees("Page not found", `${site}-not-found`);
  }
  await lost.goto(`${signpost.dos}/signin/callback?code=x&state=y`);
  await lost.sees("This has expired", "dos-callback-forged");
  await lost.goto(`${signpost.cim}/signin/callback?code=x&state=y`);
  await lost.sees("This has expired", "cim-callback-forged");
  await lost.goto(`${signpost.cis2}/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare/authorize?client_id=nobody&redirect_uri=https://evil.example`);
  await lost.look("cis2-authorise-refused");
  await lost.reads("reference");
  await lost.goto(`${signpost.cis2}/bind/nonsense`);
  await lost.sees("This link cannot be used", "cis2-bind-dead");
  await lost.leave();
});
