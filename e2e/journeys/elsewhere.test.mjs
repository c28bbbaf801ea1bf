// An account elsewhere, at a provider that others wrote, from its link to being logged in with it.
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import Provider from "oidc-provider";
import { freePort } from "../lib/signpost.mjs";
import { serve } from "../lib/served.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { addsFirst, choosesWay } from "../lib/steps.mjs";

after(closeBrowser);

const address = "ada.example@example.nhs.uk";
const secret = "a secret of the provider and us, of some length";

// elsewhere runs a provider of accounts. Whoever comes is logged in there at once, by what amr says.
async function elsewhere(callback) {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "signpost", client_secret: secret, redirect_uris: [callback], require_auth_time: true,
      token_endpoint_auth_method: "client_secret_post",
    }],
    claims: { openid: ["sub", "amr", "auth_time"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["of this test"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  const said = { issuer, amr: ["pwd", "mfa"], account: "pairwise-of-ada" };
  const answer = provider.callback();
  const server = createServer(async (req, res) => {
    if (!req.url.startsWith("/interaction/")) return answer(req, res);
    const { prompt, params } = await provider.interactionDetails(req, res);
    if (prompt.name === "login") {
      return provider.interactionFinished(req, res, { login: { accountId: said.account, amr: said.amr } });
    }
    const grant = new provider.Grant({ accountId: said.account, clientId: params.client_id });
    grant.addOIDCScope("openid");
    return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } });
  });
  server.listen(port, "localhost");
  await once(server, "listening");
  said.stop = () => { server.closeAllConnections(); server.close(); };
  return said;
}

test("an account at a provider that others wrote", async (t) => {
  let there;
  const system = await serve({
    more: async (dos) => {
      there = await elsewhere(`${dos.replace("dos.", "cis2.")}/upstream/nhsnet/callback`);
      return `
[[upstreams]]
name = "nhsnet"
label = "NHS.net Connect"
issuer = "${there.issuer}"
client_id = "signpost"
client_secret = "${secret}"
amr = ["mfa"]
organisations = ["RXX"]
`;
    },
  });
  t.after(() => there.stop());
  t.after(() => system.stop());
  await system.start();
  const ada = await Person.arrive(system);
  await addsFirst(ada, system, "NHS.net Connect", address);
  await ada.sees("Connect your NHS.net Connect account", "cis2-elsewhere-bind");
  await ada.press("Continue");
  await ada.sees("Authenticator added");

  const logsIn = async (person) => {
    await person.goto(system.cim);
    await person.press("Log in with my Care Identity");
    await choosesWay(person, "NHS.net Connect");
    await person.sees("Log in with your NHS.net Connect account", "cis2-elsewhere");
    await person.press("Continue");
  };
  there.amr = ["pwd"];
  const careless = await Person.arrive(system);
  await logsIn(careless);
  await careless.sees("There is a problem", "cis2-elsewhere-one-factor");
  await careless.leave();

  there.amr = ["pwd", "mfa"];
  await logsIn(ada);
  await ada.sees("View your profile");
  await ada.context.clearCookies({ name: /^(?!.*device)/ }); // some days later
  await ada.goto(system.cim);
  const begun = Date.now();
  await ada.press("Log in with my Care Identity");
  await ada.press("Log in with NHS.net Connect");
  await ada.press("Continue");
  await ada.sees("View your profile");
  t.diagnostic(`3 actions here, ${(Date.now() - begun) / 1000} s, and those of the account`);
  await ada.leave();
});
