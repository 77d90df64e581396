// A real identity provider for tests: oidc-provider with its own pages for signing in and agreeing.
// node provider.mjs PORT REDIRECT_URI PEOPLE — PEOPLE is JSON: user name to claims. Says "ready" when it listens.

import { Provider } from "oidc-provider";

const [port, redirectUri, people] = process.argv.slice(2);
const known = JSON.parse(people);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "jiangtang", client_secret: "a-client-secret", redirect_uris: [redirectUri] }],
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "organization", "staff", "place"],
    email: ["email", "email_verified"],
  },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...known[id] }) }),
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
process.stdin.on("end", () => process.exit(0)).resume(); // dies with whoever started it
