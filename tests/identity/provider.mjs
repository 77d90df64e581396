// A real identity provider for tests: oidc-provider with its own pages for signing in and agreeing.
// node provider.mjs PORT REDIRECT_URI PEOPLE [LIES] — JSON, both by user name. PEOPLE: claims. LIES: what it says wrongly about
// somebody: { id_token: claims to replace, later_s: seconds by which its clock is ahead, unsigned: no ID token at all,
// forged: signed with another key, userinfo: claims to replace }. Says "ready" when it listens.

import { createSign, generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, redirectUri, people, lies = "{}"] = process.argv.slice(2);
const [known, wrongly] = [people, lies].map((text) => JSON.parse(text));

const [own, stolen] = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
const kid = `key-${process.pid}`;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "jiangtang", client_secret: "a-client-secret", redirect_uris: [redirectUri] }],
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "organization", "staff", "place"],
    email: ["email", "email_verified"],
  },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...known[id] }) }),
  jwks: { keys: [{ ...own.privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" }] },
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
});

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(claims, key) {
  const text = `${encoded({ alg: "RS256", kid })}.${encoded(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}

function lieAbout(body) {
  const claims = JSON.parse(Buffer.from(body.id_token.split(".")[1], "base64url"));
  const lie = wrongly[claims.sub];
  if (!lie) return;
  const { later_s: later = 0, forged, unsigned, id_token: replaced } = lie;
  const told = { ...claims, iat: claims.iat + later, exp: claims.exp + later, ...replaced };
  body.id_token = unsigned ? undefined : signed(told, (forged ? stolen : own).privateKey);
}

provider.use(async (context, next) => {
  await next();
  if (context.path === "/token" && context.body?.id_token) lieAbout(context.body);
  if (context.path === "/me" && context.body?.sub) Object.assign(context.body, wrongly[context.body.sub]?.userinfo);
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
process.stdin.on("end", () => process.exit(0)).resume(); // dies with whoever started it
