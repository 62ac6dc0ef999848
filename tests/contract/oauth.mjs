// Signs in with oauth4webapi, which finds everything by the metadata of the service (RFC 8414). IKU_URL is the address of the
// service with the demonstration's records, IKU_CLIENT_ID and IKU_CLIENT_SECRET are those of a system, IKU_ADMIN_PASSWORD is the
// password of the user admin.
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";

const { IKU_URL, IKU_CLIENT_ID, IKU_CLIENT_SECRET, IKU_ADMIN_PASSWORD } = process.env;
// The service of the gate has no certificate.
const http = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(IKU_URL);
const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...http });
const server = await oauth.processDiscoveryResponse(issuer, found);

// A system: HTTP Basic, whose name and secret the library encodes like a form (RFC 6749, section 2.3.1).
const system = { client_id: IKU_CLIENT_ID };
const basic = oauth.ClientSecretBasic(IKU_CLIENT_SECRET);
const answer = await oauth.clientCredentialsGrantRequest(server, system, basic, {}, http);
const token = await oauth.processClientCredentialsResponse(server, system, answer);
const address = new URL("/v1/realisations?period=2025", IKU_URL);
const sheet = await oauth.protectedResourceRequest(token.access_token, "GET", address, undefined, undefined, http);
assert.equal((await sheet.json()).items.length, 5);

// A wrong secret: an error of RFC 6749, section 5.2.
const wrong = await oauth.clientCredentialsGrantRequest(server, system, oauth.ClientSecretBasic("wrong"), {}, http);
await assert.rejects(oauth.processClientCredentialsResponse(server, system, wrong), (error) => {
  assert.ok(error.cause !== undefined);
  return error.error === "invalid_client" || error.code === "OAUTH_WWW_AUTHENTICATE_CHALLENGE";
});

// A person: password, refresh, revoke. The program has no client of its own.
const person = { client_id: "none" };
const none = () => {};
const form = { username: "admin", password: IKU_ADMIN_PASSWORD };
const signedIn = await oauth.genericTokenEndpointRequest(server, person, none, "password", form, http);
const first = await oauth.processGenericTokenEndpointResponse(server, person, signedIn);
const again = await oauth.refreshTokenGrantRequest(server, person, none, first.refresh_token, http);
const second = await oauth.processRefreshTokenResponse(server, person, again);
await oauth.processRevocationResponse(await oauth.revocationRequest(server, person, none, second.refresh_token, http));
const late = await oauth.refreshTokenGrantRequest(server, person, none, second.refresh_token, http);
await assert.rejects(oauth.processRefreshTokenResponse(server, person, late), (error) => error.error === "invalid_grant");
