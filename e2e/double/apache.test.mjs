// Apache with mod_auth_openidc from Debian, at its defaults, against the double: logging in with each client
// authentication, the person's claims, logging out, and logout tokens.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as jose from "jose";
import { browser, lastOf } from "../lib/browser.mjs";
import { freePort, startDouble } from "../lib/double.mjs";

const secret = "not a secret, only a double's";
const methods = ["client_secret_post", "client_secret_basic", "private_key_jwt"];
const scope = "openid profile email nationalrbacaccess";
const folder = mkdtempSync(join(tmpdir(), "apache-"));
const sites = [];
let double, apache;

before(async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwks = JSON.stringify({ keys: [{ ...await jose.exportJWK(publicKey), kid: "apache", alg: "RS256", use: "sig" }] });
  writeFileSync(join(folder, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(join(folder, "public.pem"), publicKey.export({ type: "spki", format: "pem" }));
  for (const [i, method] of methods.entries()) sites.push({ method, id: `10000000003${i}.apps.supplier`, port: await freePort() });
  double = await startDouble("http://localhost:3000", sites.map(({ method, id, port }) => `
[[clients]]
client_id = "${id}"
client_name = "Rota by ${method}"
token_endpoint_auth_method = "${method}"
${method === "private_key_jwt" ? `token_endpoint_auth_signing_alg = "RS256"\njwks = '${jwks}'` : `client_secret = "${secret}"`}
redirect_uris = ["http://localhost:${port}/in/callback"]
post_logout_redirect_uris = ["http://localhost:${port}/out"]
backchannel_logout_uri = "http://localhost:${port}/in/callback?logout=backchannel"
scope = ${JSON.stringify(scope.split(" "))}
`).join(""));
  mkdirSync(join(folder, "www"));
  writeFileSync(join(folder, "www", "in"), "You are in");
  writeFileSync(join(folder, "apache.conf"), configuration());
  apache = spawn(process.env.APACHE ?? "/usr/sbin/apache2", ["-f", join(folder, "apache.conf"), "-DFOREGROUND"], { stdio: ["ignore", "inherit", "inherit"] });
  for (let tries = 0; tries < 200; tries++) {
    if (await fetch(`http://localhost:${sites[0].port}/out`).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Apache does not answer");
});
after(async () => {
  if (apache) {
    const ended = new Promise((resolve) => apache.once("exit", resolve));
    apache.kill("SIGTERM");
    await ended;
  }
  await double?.stop();
  rmSync(folder, { recursive: true });
});

const configuration = () => `
ServerRoot /usr/lib/apache2
ServerName localhost
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
DefaultRuntimeDir ${folder}
${["mpm_event", "authn_core", "authz_core", "authz_user", "headers", "auth_openidc"].map((m) => `LoadModule ${m}_module modules/mod_${m}.so`).join("\n")}
${sites.map(({ method, id, port }) => `
Listen 127.0.0.1:${port}
<VirtualHost 127.0.0.1:${port}>
  ServerName http://localhost:${port}
  DocumentRoot ${folder}/www
  OIDCProviderMetadataURL ${double.issuer}/.well-known/openid-configuration
  OIDCClientID ${id}
  ${method === "private_key_jwt" ? `OIDCPrivateKeyFiles "apache#${folder}/key.pem"\n  OIDCPublicKeyFiles "apache#${folder}/public.pem"` : `OIDCClientSecret "${secret}"`}
  OIDCProviderTokenEndpointAuth ${method}
  OIDCRedirectURI http://localhost:${port}/in/callback
  OIDCScope "${scope}"
  OIDCCryptoPassphrase "a passphrase of this test"
  Header always set X-Person "expr=%{reqenv:OIDC_CLAIM_sub} %{reqenv:OIDC_CLAIM_email}"
  <Location /in>
    AuthType openid-connect
    Require valid-user
  </Location>
</VirtualHost>`).join("\n")}
`;

for (const [i, method] of methods.entries()) {
  test(`mod_auth_openidc with ${method}`, async () => {
    const { port, id } = sites[i];
    const visit = browser();
    const page = `http://localhost:${port}/in`;
    const isIn = async () => (await visit(page)).status === 200;
    const logIn = async () => {
      const asks = await visit(page);
      assert.equal(asks.status, 302);
      const { location } = await double.control("sign-in", { url: asks.location, person: "ada" });
      assert.equal((await visit(location)).location, page);
    };
    await logIn();
    const shown = await visit(page);
    assert.deepEqual([shown.status, shown.headers["x-person"]], [200, "500000000017 ada@example.invalid"]);
    const out = await visit(`${page}/callback?logout=${encodeURIComponent(`http://localhost:${port}/out`)}`);
    assert.match(out.location, /connect\/endSession\?.*id_token_hint=/);
    assert.equal(await lastOf(visit, out.location), `http://localhost:${port}/out`);
    assert.equal(await isIn(), false, `${id} is still logged in`);

    await logIn();
    assert.equal(await isIn(), true);
    await double.control("sessions/end", { person: "ada" });
    let over = false;
    for (let tries = 0; tries < 200 && !over; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      over = !await isIn();
    }
    assert.ok(over, "a logout token did not end the session");
  });
}
