// Holds what we accept and refuse of authenticators against a verifier that others wrote: every ceremony of the Go
// test of spoiled ceremonies, the honest ones too. Where the two differ, differences.mjs says why.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SettingsService, verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { differences } from "./differences.mjs";

const house = fileURLToPath(new URL("../..", import.meta.url));
const algorithms = [-7, -257]; // ES256 and RS256, which we offer

// tried has the Go test try the ceremonies and write them down.
function tried() {
  const folder = mkdtempSync(join(tmpdir(), "ceremonies-"));
  const file = join(folder, "ceremonies.json");
  const flags = ["test", "-count=1", "-run", "^TestSpoiledCeremonies$", "./internal/careid/authenticator/webauthn"];
  try {
    execFileSync("go", flags, { cwd: house, env: { ...process.env, TEST_CEREMONIES: file }, stdio: ["ignore", "pipe", "inherit"] });
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const certificate = (der) => `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----\n`;

// verified asks the other verifier; what it throws is its refusal, whose words are given back.
async function verified(one, { rpid, origin }) {
  try {
    const expected = {
      response: JSON.parse(one.answer), expectedChallenge: one.challenge, expectedOrigin: origin, expectedRPID: rpid,
      requireUserVerification: true,
    };
    const { verified } = one.kind === "bind"
      ? await verifyRegistrationResponse({ ...expected, supportedAlgorithmIDs: algorithms })
      : await verifyAuthenticationResponse({
        ...expected,
        credential: { id: one.id, publicKey: new Uint8Array(Buffer.from(one.publicKey, "base64url")), counter: one.counter },
      });
    return { verified, problem: verified ? "" : "not verified" };
  } catch (e) {
    return { verified: false, problem: e.message };
  }
}

test("another verifier accepts and refuses what we do", async (t) => {
  const all = tried();
  for (const [identifier, roots] of Object.entries(all.roots)) {
    SettingsService.setRootCertificates({ identifier, certificates: roots.map(certificate) });
  }
  const count = { honest: 0, spoiled: 0, differs: 0 };
  const unexplained = [];
  const unneeded = new Set(Object.keys(differences));
  for (const one of all.ceremonies) {
    count[one.accepted ? "honest" : "spoiled"]++;
    const theirs = await verified(one, all);
    if (theirs.verified === one.accepted) continue;
    count.differs++;
    if (!(one.name in differences)) unexplained.push(`${one.name}: we ${one.accepted ? "accept" : "refuse"} it; they: ${theirs.problem || "verified"}`);
    unneeded.delete(one.name);
  }
  t.diagnostic(`${count.honest} honest and ${count.spoiled} spoiled ceremonies, ${count.differs} differences, each explained`);
  assert.ok(count.honest > 0 && count.spoiled >= 120, "too few ceremonies were tried");
  assert.deepEqual(unexplained, [], "differences that nothing explains");
  assert.deepEqual([...unneeded], [], "explanations of differences that are none");
});
