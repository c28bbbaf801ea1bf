// One sign-in serves the directory, Care Identity Management and a third service, and one sign-out ends
// it at all of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { Service } from "../lib/service.mjs";
import { registers, signInWithApp } from "../lib/steps.mjs";

let signpost, rota, nadia;
before(async () => {
  [signpost, rota] = await Promise.all([start(), Service.open("Leave Planner")]);
  nadia = await registers(signpost, rota, ["nationalrbacaccess", "selectedrole", "changedrole"]);
});
after(async () => { await closeBrowser(); await rota.close(); await signpost.stop(); });

const until = async (what, so) => {
  for (let tries = 0; tries < 100; tries++) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`waited in vain: ${what}`);
};

// inAll signs somebody in to the directory and goes on to the other two, without another proof.
async function inAll(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.reads("You are logged in with your Care Identity as");
  await person.goto(signpost.cim);
  await person.press("Log in with my Care Identity");
  await person.sees("View your profile");
  await person.goto(`${rota.address}/sign-in?max_age=300`);
  await person.sees("Do you want to log in to Leave Planner?", "cis2-meet");
  await person.reads("Run by Fenmarch Rota Software Ltd", "Ask the team Fenmarch Rota Software");
  await person.press("Continue to Leave Planner");
  await person.page.getByRole("heading", { name: /Leave Planner of/ }).waitFor();
  return person;
}

// outOfAll sees that the next page of each service is one of somebody who is not signed in.
async function outOfAll(person) {
  await person.goto(`${signpost.dos}/services`);
  await person.reads("Log in with my Care Identity");
  await person.goto(`${signpost.cim}/view-your-profile`);
  await person.reads("Log in with my Care Identity");
  await person.goto(rota.address);
  await person.reads("You are not logged in.");
}

test("one sign-in serves three services, for as long as each of them says", async () => {
  const tomasz = await inAll("tomasz.nowak@fenmarch.example");
  await tomasz.reads("Leave Planner of Tomasz Nowak", "level 2 with TOTP, acr AAL2_OR_AAL3_ANY");

  await tomasz.page.waitForTimeout(1100);
  await tomasz.goto(`${rota.address}/sign-in?max_age=1`);
  await tomasz.sees("How do you want to log in?", "cis2-choose-again");
  await tomasz.reads("Log in to Leave Planner", "This way was used last on this device.");
  assert.ok(await tomasz.page.getByRole("button", { name: "Log in with Authenticator app" }).isVisible(), "the last way is the button");
  await tomasz.press("Cancel and go back to Leave Planner");
  await tomasz.reads("access_denied");

  await tomasz.goto(`${rota.address}/sign-in?prompt=none&max_age=1`);
  await tomasz.reads("login_required");
  await tomasz.goto(`${rota.address}/sign-in?prompt=none`);
  await tomasz.reads("Leave Planner of Tomasz Nowak");

  await tomasz.goto(`${signpost.dos}/services`);
  await tomasz.sees("Find a service");
  await tomasz.goto(`${signpost.cis2}/my-sessions`);
  await tomasz.sees("Where am I logged in?", "cis2-sessions-three");
  await tomasz.reads("Directory of Services, Care Identity Management, Leave Planner");
  await tomasz.leave();
});

test("one sign-out reaches them all", async () => {
  const priya = await inAll("priya.shah@fenmarch.example");
  const told = rota.told.length;
  await priya.follow("Log out");
  await priya.page.getByRole("heading", { name: "Logged out of Leave Planner" }).waitFor();
  await priya.reads("seen");
  await until("the third service is told", () => rota.told.length > told);
  await outOfAll(priya);
  await priya.goto(`${signpost.cis2}/my-sessions`);
  await priya.sees("You are not logged in", "cis2-not-signed-in");
  await priya.leave();
});

test("a service that was down is told when it is back, and its ledger shows every try", async () => {
  const sam = await inAll("sam.doyle@fenmarch.example");
  rota.down = true;
  await sam.goto(`${signpost.cis2}/my-sessions`);
  await sam.press("Log out here");
  await sam.sees("You are logged out", "cis2-signed-out");
  await sam.goto(rota.address);
  await sam.reads("Leave Planner of Sam Doyle"); // it could not be told

  await nadia.goto(`${signpost.cim}/connections/clients/${rota.id}/notices`);
  await until("the ledger shows the try", async () => { await nadia.page.reload(); return /Failing/.test(await nadia.text()); });
  await nadia.sees("Logout notices", "cim-connections-notices-failing");
  await nadia.reads("503", "restarting");
  rota.down = false;
  const told = rota.told.length;
  await nadia.press(/^Send again the notice of/);
  await nadia.reads("The notice is being sent again.");
  await until("the service is told", () => rota.told.length > told);
  await until("the ledger shows it", async () => { await nadia.page.reload(); return !/Failing/.test(await nadia.text()); });
  await nadia.sees("Logout notices", "cim-connections-notices-given");
  await outOfAll(sam);
  await sam.leave();
});

for (const javaScript of [true, false]) {
  test(`an answer that is posted, with JavaScript ${javaScript ? "on" : "off"}`, async () => {
    const lucy = await Person.arrive(signpost, { javaScript });
    await lucy.goto(`${rota.address}/sign-in?response_mode=form_post&prompt=login`);
    await signInWithApp(lucy, "lucy.barnes@fenmarch.example");
    if (!javaScript) {
      await lucy.sees("Going back to the service", "cis2-onward");
      await lucy.press("Continue");
    }
    await lucy.page.getByRole("heading", { name: "Leave Planner of Lucy Barnes" }).waitFor();
    assert.equal([...rota.people.values()].at(-1).by, "POST");
    await lucy.goto(`${rota.address}/sign-in?response_mode=form_post&prompt=login`);
    await lucy.press("Cancel and go back to Leave Planner");
    if (!javaScript) await lucy.press("Continue");
    await lucy.page.getByRole("heading", { name: "Not logged in" }).waitFor();
    await lucy.reads("access_denied");
    await lucy.leave();
  });
}

test("my sessions: another browser's is seen and ended", async () => {
  const [here, there] = [await Person.arrive(signpost), await Person.arrive(signpost)];
  for (const browser of [here, there]) {
    await browser.goto(`${rota.address}/sign-in`);
    await signInWithApp(browser, "margaret.hill@fenmarch.example");
    await browser.page.getByRole("heading", { name: "Leave Planner of Margaret Hill" }).waitFor();
  }
  await here.goto(`${signpost.cis2}/my-sessions`);
  await here.sees("Where am I logged in?", "cis2-sessions-two");
  await here.reads("This browser", "Another browser", "Chrome");
  const told = rota.told.length;
  await here.press("End this session");
  await here.sees("Where am I logged in?", "cis2-sessions-ended");
  await here.reads("That session has been ended.", "You are not logged in anywhere else.");
  await until("the service is told", () => rota.told.length > told);
  await there.goto(rota.address);
  await there.reads("You are not logged in.");
  await there.goto(`${signpost.cis2}/my-sessions`);
  await there.sees("Your session has ended");
  await there.reads("It was ended from another browser on which you are logged in.");
  await here.goto(rota.address);
  await here.reads("Leave Planner of Margaret Hill");
  await here.leave();
  await there.leave();
});

// asks has the third service ask for a role.
const asks = (person, more = "") => person.goto(`${rota.address}/sign-in?scope=openid+profile+nationalrbacaccess+selectedrole${more}`);
const question = "Which role are you working in?";

test("no role, and the only role: nobody is asked", async () => {
  const ewan = await Person.arrive(signpost);
  await asks(ewan);
  await signInWithApp(ewan, "ewan.dunn@fenmarch.example");
  await ewan.reads("Leave Planner of Ewan Dunn", 'id ""');
  await ewan.leave();
  const grace = await Person.arrive(signpost);
  await asks(grace);
  await signInWithApp(grace, "o.grant@oldtrust.example");
  await grace.reads("Leave Planner of Oliver Grant", "Admin/Clinical Support Access Role");
  await grace.leave();
});

test("2 roles: a list, once for each sign-in, and again when the role is to be changed", async () => {
  const sam = await Person.arrive(signpost);
  await asks(sam);
  await signInWithApp(sam, "sam.doyle@fenmarch.example");
  await sam.sees(question, "cis2-role-list");
  assert.deepEqual([await sam.page.getByRole("radio").count(), await sam.page.getByLabel("Search your roles").count()], [2, 0]);
  await sam.press("Continue");
  await sam.sees("There is a problem", "cis2-role-none-chosen");
  await sam.reads("Select the role you are working in");
  await sam.choose("Systems Support Access Role");
  await sam.press("Continue");
  await sam.reads("Leave Planner of Sam Doyle", 'Systems Support Access Role" at ZIB');
  await asks(sam);
  await sam.reads("Leave Planner of Sam Doyle", 'Systems Support Access Role" at ZIB');
  await asks(sam, "+changedrole");
  await sam.sees(question);
  await sam.choose("Admin/Clinical Support Access Role");
  await sam.press("Continue");
  await sam.reads("Leave Planner of Sam Doyle", "Admin/Clinical Support Access Role");
  await sam.leave();
});

test("more than 5 roles: a search box", async () => {
  const leila = await Person.arrive(signpost);
  await asks(leila);
  await signInWithApp(leila, "leila.haddad@fenmarch.example");
  await leila.sees(question, "cis2-role-search");
  assert.equal(await leila.page.getByRole("radio").count(), 7);
  await leila.fill("Search your roles", "nobody at all");
  await leila.press("Search");
  await leila.reads("None of your roles match the search.");
  await leila.look("cis2-role-search-nothing");
  await leila.fill("Search your roles", "nurse ztr");
  await leila.press("Search");
  await leila.page.getByRole("radio").nth(0).waitFor();
  assert.equal(await leila.page.getByRole("radio").count(), 1);
  await leila.look("cis2-role-search-found");
  await leila.choose("Nurse Access Role");
  await leila.press("Continue");
  await leila.reads("Leave Planner of Leila Haddad", 'Nurse Access Role" at ZTR');
  await leila.leave();
});
