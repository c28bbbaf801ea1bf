// Plays an authority that issues smartcards, with openssl, and a browser that has one: in a file, or on a token of
// SoftHSM2 in place of a card, for one test file.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { Person } from "./person.mjs";
import { freePort } from "./signpost.mjs";

const need = fileURLToPath(new URL("../../scripts/need.sh", import.meta.url));

// needs installs the packages of what a test calls.
export function needs(commands) {
  for (const [command, debian] of Object.entries(commands)) execFileSync(need, [command, debian], { stdio: ["ignore", "ignore", "inherit"] });
}

// Authority issues certificates, and says by a list at an address which it revoked.
export class Authority {
  static async open() {
    needs({ openssl: "openssl" });
    const a = Object.assign(new Authority(), { folder: mkdtempSync(join(tmpdir(), "authority-")) });
    a.port = await freePort();
    a.server = createServer((_, res) => { res.setHeader("content-type", "application/pkix-crl"); res.end(readFileSync(a.at("list.der"))); });
    await new Promise((resolve) => a.server.listen(a.port, "127.0.0.1", resolve));
    writeFileSync(a.at("index.txt"), "");
    writeFileSync(a.at("crlnumber"), "01\n");
    writeFileSync(a.at("ca.cnf"), `
[ca]
default_ca = here
[here]
database = ${a.at("index.txt")}
default_md = sha256
default_crl_days = 1
crlnumber = ${a.at("crlnumber")}
crl_extensions = list
[list]
authorityKeyIdentifier = keyid:always
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[card]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
crlDistributionPoints = URI:http://127.0.0.1:${a.port}/list.crl
[door]
subjectAltName = DNS:smartcard.localhost
extendedKeyUsage = serverAuth
`);
    a.key("root");
    a.openssl("req", "-x509", "-new", "-key", a.at("root.key"), "-out", a.at("root.pem"), "-days", "30", "-subj", "/CN=Sample cards", "-extensions", "authority");
    a.list();
    a.key("door");
    a.issue("door", "smartcard.localhost", "door");
    return a;
  }

  at(name) { return join(this.folder, name); }

  openssl(command, ...args) {
    const settings = ["req", "ca"].includes(command) ? ["-config", this.at("ca.cnf")] : [];
    return execFileSync("openssl", [command, ...settings, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  }

  key(name) { this.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", this.at(`${name}.key`)); }

  // issue issues a certificate for a key.
  issue(name, subject, sort) {
    this.openssl("req", "-new", "-key", this.at(`${name}.key`), "-subj", `/CN=${subject}`, "-out", this.at(`${name}.csr`));
    this.openssl("x509", "-req", "-in", this.at(`${name}.csr`), "-CA", this.at("root.pem"), "-CAkey", this.at("root.key"), "-CAcreateserial",
      "-days", "30", "-extfile", this.at("ca.cnf"), "-extensions", sort, "-out", this.at(`${name}.pem`));
  }

  // list makes the list of what is revoked anew.
  list() {
    this.openssl("ca", "-gencrl", "-keyfile", this.at("root.key"), "-cert", this.at("root.pem"), "-out", this.at("list.pem"));
    this.openssl("crl", "-in", this.at("list.pem"), "-outform", "DER", "-out", this.at("list.der"));
  }

  // settings are those of a smartcard door that takes this authority's cards.
  settings(port) {
    return `
[smartcard]
address = "https://smartcard.localhost:${port}"
listen = "127.0.0.1:${port}"
certificate = "${this.at("door.pem")}"
key = "${this.at("door.key")}"
roots = ["${this.at("root.pem")}"]
issuer_certificate = "${this.at("root.pem")}"
issuer_key = "${this.at("root.key")}"
`;
  }

  // request makes a request for a certificate with a key, in DER.
  request(name) {
    this.openssl("req", "-new", "-key", this.at(`${name}.key`), "-subj", "/CN=smartcard", "-outform", "DER", "-out", this.at(`${name}.csr`));
    return readFileSync(this.at(`${name}.csr`));
  }

  // keep keeps a certificate that was issued for a key, in DER.
  keep(name, der) {
    writeFileSync(this.at(`${name}.der`), der);
    this.openssl("x509", "-inform", "DER", "-in", this.at(`${name}.der`), "-out", this.at(`${name}.pem`));
  }

  async close() {
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true });
  }
}

// store makes a home folder whose browser trusts the authority's door.
function store(authority) {
  needs({ certutil: "libnss3-tools", pk12util: "libnss3-tools", modutil: "libnss3-tools" });
  const home = mkdtempSync(join(tmpdir(), "card-home-"));
  const nss = join(home, ".local/share/pki/nssdb");
  mkdirSync(nss, { recursive: true });
  const db = `sql:${nss}`;
  execFileSync("certutil", ["-N", "-d", db, "--empty-password"]);
  execFileSync("certutil", ["-A", "-d", db, "-n", "door", "-t", "C,,", "-i", authority.at("root.pem")]);
  return { home, db };
}

// Holder is a person at a browser that has a card.
export class Holder {
  // withFile has the card's key and certificate in a file, which a browser without a screen uses by itself.
  static async withFile(system, authority, name) {
    const h = Object.assign(new Holder(), store(authority), { system });
    const file = authority.at(`${name}.p12`);
    authority.openssl("pkcs12", "-export", "-inkey", authority.at(`${name}.key`), "-in", authority.at(`${name}.pem`), "-name", name,
      "-passout", "pass:file", "-out", file);
    execFileSync("pk12util", ["-i", file, "-d", h.db, "-W", "file"], { stdio: "ignore" });
    return h.open({ headless: true });
  }

  // onCard has the key and the certificate on a token of SoftHSM2, which stands for a card, in a browser with a screen.
  static async onCard(system, authority, name, pin) {
    needs({ "softhsm2-util": "softhsm2", "pkcs11-tool": "opensc", Xvfb: "xvfb", xdotool: "xdotool" });
    const h = Object.assign(new Holder(), store(authority), { system, pin });
    const card = Card.blank(h.home, pin);
    card.keeps(authority, name, pin);
    return h.inReader(card);
  }

  // inReader opens a browser with a screen and the card in its reader.
  async inReader(card) {
    execFileSync("modutil", ["-dbdir", this.db, "-add", "card", "-libfile", Card.module, "-force"], { stdio: "ignore" });
    this.screen = await Screen.open();
    return this.open({ headless: false, env: { ...card.env, DISPLAY: this.screen.display } });
  }

  // typesPIN waits for the browser's own dialog and types the PIN into it.
  async typesPIN(pin = this.pin) {
    await this.screen.dialog(/^Unlock Security Device$/);
    this.screen.type(pin);
  }

  async open({ headless, env = {} }) {
    this.choosesByItself();
    this.context = await chromium.launchPersistentContext(join(this.home, "profile"), {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless, viewport: { width: 1280, height: 900 },
      env: { ...process.env, HOME: this.home, XDG_CONFIG_HOME: "", XDG_DATA_HOME: "", ...env },
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    this.person = await Person.at(this.system, this.context, []);
    return this;
  }

  // choosesByItself has the browser choose the certificate for the door by itself, as its policy does in a hospital.
  choosesByItself() {
    const door = { [`https://smartcard.localhost:${this.system.door},*`]: { setting: { filters: [{}] } } };
    const settings = { profile: { content_settings: { exceptions: { auto_select_certificate: door } } } };
    mkdirSync(join(this.home, "profile/Default"), { recursive: true });
    writeFileSync(join(this.home, "profile/Default/Preferences"), JSON.stringify(settings));
  }

  // leave closes the browser and takes the card out, also after a failure.
  async leave() {
    try {
      await this.person.leave();
    } finally {
      await this.screen?.close();
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

// Card is a token of SoftHSM2 in a folder.
export class Card {
  static module = "/usr/lib/softhsm/libsofthsm2.so";

  // blank makes a card with a PIN and nothing on it.
  static blank(folder, pin) {
    const card = Object.assign(new Card(), { env: { SOFTHSM2_CONF: join(folder, "softhsm2.conf") } });
    mkdirSync(join(folder, "tokens"));
    writeFileSync(card.env.SOFTHSM2_CONF, `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`);
    execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "card", "--pin", pin, "--so-pin", "12345678"],
      { stdio: "ignore", env: { ...process.env, ...card.env } });
    return card;
  }

  // keeps puts the key and the certificate of a name on the card.
  keeps(authority, name, pin) {
    execFileSync("softhsm2-util", ["--import", authority.at(`${name}.key`), "--token", "card", "--label", "login", "--id", "01", "--pin", pin],
      { stdio: "ignore", env: { ...process.env, ...this.env } });
    authority.openssl("x509", "-in", authority.at(`${name}.pem`), "-outform", "DER", "-out", authority.at(`${name}.der`));
    this.tool("--login", "--pin", pin, "--write-object", authority.at(`${name}.der`), "--type", "cert", "--id", "01", "--label", "login");
  }

  // tool runs OpenSC's tool on the card.
  tool(...args) {
    return String(execFileSync("pkcs11-tool", ["--module", Card.module, "--token-label", "card", ...args],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.env } }));
  }
}

// Screen is a screen without a monitor.
class Screen {
  static async open() {
    const s = new Screen();
    s.server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const number = await new Promise((resolve, reject) => {
      s.server.stdio[3].once("data", (d) => resolve(String(d).trim()));
      s.server.once("exit", () => reject(new Error("Xvfb ended")));
    });
    s.display = `:${number}`;
    return s;
  }

  run(...args) {
    return String(execFileSync("xdotool", args, { env: { ...process.env, DISPLAY: this.display }, stdio: ["ignore", "pipe", "ignore"] }));
  }

  windows() {
    let ids = [];
    try { ids = this.run("search", "--onlyvisible", "--name", ".").trim().split("\n"); } catch { return []; } // none yet
    return ids.filter(Boolean).flatMap((id) => {
      try { return [{ id, name: this.run("getwindowname", id).trim() }]; } catch { return []; } // it closed meanwhile
    });
  }

  // dialog waits for a window, and makes it the one that gets what is typed.
  async dialog(name) {
    for (let tries = 0; tries < 150; tries++) {
      const found = this.windows().find((w) => name.test(w.name));
      if (found) {
        this.run("windowfocus", "--sync", found.id);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`no window ${name} among ${JSON.stringify(this.windows())}`);
  }

  type(text) {
    this.run("type", "--delay", "30", text);
    this.run("key", "Return");
  }

  async close() {
    await new Promise((resolve) => { this.server.once("exit", resolve); this.server.kill(); });
  }
}
