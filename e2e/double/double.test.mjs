// A Node service against the double: by a program alone, and with a person at a browser.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Person, closeBrowser, totp } from "../lib/person.mjs";
import { freePort, startDouble } from "../lib/double.mjs";
import { Service } from "./service.mjs";

let double, service;
before(async () => {
  service = new Service();
  await service.listen(await freePort());
  double = await startDouble(service.address);
  await service.point(double.issuer);
});
after(async () => { await closeBrowser(); await double?.stop(); await service?.close(); });

// signIn signs somebody in without a browser, as a test of the service does.
async function signIn(who, parameters) {
  const url = await service.begin(parameters);
  const { location } = await double.control("sign-in", { url: url.href, person: "ada", role: "R8000", ...who });
  return service.finish(new URL(location));
}

// isAt waits for a page of the service, which is no page of ours and not held to what ours promise.
const isAt = (person, heading) => person.page.getByRole("heading", { name: heading }).waitFor();

test("a program signs somebody in without a browser", async () => {
  const { claims, info, role } = await signIn();
  assert.equal(claims.sub, "500000000017");
  assert.equal(claims.authentication_assurance_level, "3");
  assert.equal(info.email, "ada@example.invalid");
  assert.equal(role.role_code, "S8000:G8000:R8000");
  const app = await signIn({ authenticator: "authenticator_app" });
  assert.deepEqual([app.claims.authentication_assurance_level, app.claims.amr], ["2", ["TOTP"]]);
  await assert.rejects(signIn({ authenticator: "authenticator_app" }, { acr_values: "AAL3_ANY" }), /level-too-low.*security_key/);
});

test("faults show at the service, and go again", async () => {
  const once = (fault, more) => double.control("faults", { fault, times: 1, ...more });
  await once("empty-role");
  assert.equal((await signIn()).role, undefined);
  await once("number-levels");
  assert.equal((await signIn()).claims.authentication_assurance_level, 3);
  await once("no-email");
  assert.equal((await signIn()).info.email, undefined);
  await once("code-expired");
  await assert.rejects(signIn(), { error: "invalid_grant" });
  await once("invalid-client");
  await assert.rejects(signIn(), { error: "invalid_client" });
  await once("userinfo-401");
  await assert.rejects(signIn(), (e) => e.status === 401 || e.cause?.status === 401 || /401|challenge/i.test(`${e.message} ${e.code}`));
  await once("slow", { endpoint: "token", ms: 300 });
  const begun = Date.now();
  await signIn();
  assert.ok(Date.now() - begun >= 300, "the token endpoint was not slow");
  await double.control("keys/rotate", {});
  assert.equal((await signIn()).claims.authentication_assurance_level, "3");
  assert.deepEqual(await double.control("faults"), []);
});

test("a storm of logout tokens is borne", async () => {
  service.told = [];
  const storm = await double.control("logout-storm", { person: "ada", count: 40, repeats: 15 });
  assert.deepEqual(storm, { sent: 40, distinct: 25, answers: { 200: 25, 400: 15 } });
});

test("a person logs in on the double's pages", async () => {
  const ada = await Person.arrive(double);
  await ada.goto(double.address);
  await ada.sees("A stand-in for CIS2", "double-front");
  await ada.reads("Rota", "500000000017", "/double/sign-in");
  for (const width of [1280, 320]) {
    await ada.page.setViewportSize({ width, height: 900 });
    const broken = await ada.page.locator("td, th").locator(".signpost-code").evaluateAll((all) =>
      all.filter((e) => e.innerText.startsWith("/") && e.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(e).fontSize)).map((e) => e.innerText));
    assert.deepEqual(broken, [], `addresses of controls that break at ${width} px`);
  }
  await ada.page.setViewportSize({ width: 1280, height: 900 });

  await ada.goto(service.address);
  await ada.follow("Log in with my Care Identity");
  await ada.sees("How do you want to log in?");
  await ada.choose("Authenticator app");
  await ada.press("Continue");
  await ada.fill("Email address", "ada@example.invalid");
  await ada.fill("Password", "fenmarch sample 2026");
  await ada.press("Continue");
  await ada.sendsCode(totp("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), "Submit");
  await ada.sees("Which role are you working in?", "double-role");
  await ada.choose("Admin/Clinical Support Access Role");
  await ada.press("Continue");
  await isAt(ada, "Rota of Ada Example");
  await ada.reads("level 2 with TOTP", "S8001:G8002:R8008", "ada@example.invalid");
  await ada.leave();
});

test("a person is chosen where nobody proves anything", async () => {
  const bo = await Person.arrive(double);
  await bo.goto(`${service.address}/sign-in?acr_values=AAL3_N3_SMARTCARD`);
  await bo.sees("Choose a persona", "double-persona");
  assert.doesNotMatch(await bo.text(), /This is a demonstration/, "it is a double");
  await bo.choose(/Bo Sample/);
  await bo.press(/Log in/);
  await isAt(bo, "Rota of Bo Sample");
  await bo.reads("level 3 with N3_SMARTCARD", "Role none", "Email none");
  await bo.leave();
});

test("a test finishes the sign-in that a browser is in the middle of", async () => {
  const ada = await Person.arrive(double);
  await ada.goto(`${service.address}/sign-in`);
  await ada.sees("How do you want to log in?");
  const { location } = await double.control("sign-in", { url: ada.page.url(), person: "ada", role: "R8008" });
  await ada.goto(location);
  await isAt(ada, "Rota of Ada Example");
  await ada.leave();
});

test("somebody is logged in at once, and out again by the double", async () => {
  await double.control("auto", { person: "ada", role: "R8000", times: 1 });
  const ada = await Person.arrive(double);
  await ada.goto(service.address);
  await ada.follow("Log in with my Care Identity");
  await isAt(ada, "Rota of Ada Example");
  service.told = [];
  await double.control("sessions/end", { person: "ada" });
  for (let tries = 0; tries < 200 && service.people.size > 1; tries++) await ada.page.waitForTimeout(50);
  await ada.goto(service.address);
  await ada.reads("Log in with my Care Identity");
  assert.ok(service.told.length > 0 && service.told.every((status) => status === 200), `logout tokens were answered ${service.told}`);
  await ada.leave();
});

test("the run is replayed", async () => {
  const { code, out } = await double.replay();
  assert.match(out, /requests recorded: \d+ answered the same, 0 answered otherwise/, out);
  assert.equal(code, 0);
});
