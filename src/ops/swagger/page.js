// Starts Swagger UI, with a plugin of this service: one form to sign in, folded errors and headers, a search.
"use strict";

// The service may be below a path, so everything is relative to this page.
const service = new URL("..", location.href).href.replace(/\/$/, "");
const STORED = "iku.access_token";
const METHODS = ["get", "post", "put", "patch", "delete"];

let ui;

// ---- the token

/** Gives a token to all security schemes, or takes it away. A reload keeps the token; nothing else is stored. */
function hold(token) {
  const schemes = ui.specSelectors.securityDefinitions();
  if (token) {
    sessionStorage.setItem(STORED, token);
    for (const [name, schema] of schemes.entries()) {
      ui.authActions.authorizeOauth2({ auth: { name, schema }, token: { access_token: token, token_type: "Bearer" } });
    }
    hint();
  } else {
    sessionStorage.removeItem(STORED);
    if (ui.authSelectors.authorized().size > 0) ui.authActions.logout([...schemes.keys()]);
  }
}

/** Shows a line at the top of the window, or hides it. */
function hint(text = "") {
  const line = document.getElementById("hint");
  line.querySelector("p").textContent = text;
  line.hidden = !text;
}

function showSignIn() {
  ui.authActions.showDefinitions(ui.authSelectors.definitionsToAuthorize());
}

// Without credentials the browser does not answer a 401 for clients with a dialog of its own.
const post = (path, form) => fetch(service + path, { method: "POST", body: new URLSearchParams(form), credentials: "omit" });

async function signIn(kind, name, secret) {
  const response = await post("/v1/auth/token", kind === "person"
    ? { grant_type: "password", username: name, password: secret }
    : { grant_type: "client_credentials", client_id: name, client_secret: secret });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  hold(answer.access_token);
}

function signOut() {
  const token = sessionStorage.getItem(STORED);
  hold(null);
  // The page forgets the token also when the service cannot be reached.
  if (token) post("/v1/auth/revoke", { token }).catch(() => {});
}

/** Whether the token of the page was refused: clients, sign-ins and metrics have credentials of their own. */
function refusesToken({ status, url, headers }) {
  if (status !== 401 || url.startsWith(`${service}/v1/auth/`) || url === `${service}/metrics`) return false;
  return String(headers["www-authenticate"]).startsWith("Bearer");
}

function onResponse(response) {
  if (refusesToken(response)) {
    hint(sessionStorage.getItem(STORED)
      ? "Token habis masa berlakunya atau tidak cukup: masuk lagi. / The token is over or not sufficient: sign in again."
      : "Anda belum masuk. / You are not signed in.");
    hold(null);
  }
  return response;
}

// ---- the components

function plugin({ React }) {
  const h = React.createElement;

  function AuthorizeButton({ isAuthorized, showPopup, onClick, getComponent }) {
    return h("div", { className: "auth-wrapper" },
      h("button", { type: "button", className: `btn authorize ${isAuthorized ? "locked" : "unlocked"}`, onClick },
        isAuthorized ? "Sudah masuk / Signed in" : "Masuk / Sign in"),
      showPopup && h(getComponent("authorizationPopup", true)));
  }

  function SignInDialog({ authActions, authSelectors }) {
    const close = () => authActions.showDefinitions(false);
    React.useEffect(() => {
      const onKey = (event) => event.key === "Escape" && close();
      document.addEventListener("keydown", onKey);
      return () => document.removeEventListener("keydown", onKey);
    }, []);
    const isSignedIn = authSelectors.authorized().size > 0;
    return h("div", { className: "dialog-ux" },
      h("div", { className: "backdrop-ux", onClick: close }),
      h("div", { className: "modal-ux", role: "dialog", "aria-modal": true, "aria-labelledby": "sign-in-title" },
        h("div", { className: "modal-ux-header" },
          h("h3", { id: "sign-in-title" }, isSignedIn ? "Sudah masuk / Signed in" : "Masuk / Sign in"),
          h("button", { type: "button", className: "close-modal", "aria-label": "Tutup / Close", onClick: close }, "\u00d7")),
        h("div", { className: "modal-ux-content" },
          isSignedIn
            ? h("button", { type: "button", className: "btn", onClick: () => { signOut(); close(); } }, "Keluar / Sign out")
            : h(SignInForm, { close }))));
  }

  function SignInForm({ close }) {
    const [kind, setKind] = React.useState("person");
    const [message, setMessage] = React.useState("");
    const choice = (value, text) => h("label", { className: "choice" },
      h("input", { type: "radio", name: "kind", checked: kind === value, onChange: () => setKind(value) }), text);
    const field = (id, text, rest) => h("label", { key: kind + id, className: "field" }, text,
      h("input", { id, type: "text", required: true, ...rest }));
    const submit = async (event) => {
      event.preventDefault();
      const [name, secret] = ["sign-in-name", "sign-in-secret"].map((id) => document.getElementById(id).value);
      try {
        await signIn(kind, name, secret);
        close();
      } catch (error) {
        setMessage(error.message);
      }
    };
    return h("form", { className: "sign-in", onSubmit: submit },
      choice("person", "Orang / Person"),
      choice("program", "Program (sistem, ponsel) / Program (system, phone)"),
      kind === "person"
        ? [
            field("sign-in-name", "Nama pengguna / User name", { autoComplete: "username", autoFocus: true }),
            field("sign-in-secret", "Kata sandi / Password", { type: "password", autoComplete: "current-password" }),
          ]
        : [
            field("sign-in-name", "client_id", { autoComplete: "off", autoFocus: true }),
            field("sign-in-secret", "client_secret", { type: "password", autoComplete: "off" }),
          ],
      message && h("p", { className: "message", role: "alert" }, message),
      h("button", { type: "submit", className: "btn submit" }, "Masuk / Sign in"));
  }

  function Search({ layoutSelectors, layoutActions }) {
    const text = layoutSelectors.currentFilter();
    return h("div", { className: "filter wrapper" },
      h("input", {
        type: "search", className: "operation-filter-input", "aria-label": "Cari / Search",
        placeholder: "Cari / Search: realisations, survey, POST, /reports ...",
        value: typeof text === "string" ? text : "", onChange: (event) => layoutActions.updateFilter(event.target.value),
      }));
  }

  /** One response is open: the 201, else the 200. All others are one line each: fifteen open ones are ten thousand pixels. */
  const foldedResponse = (Original, { specSelectors }) => function Response(props) {
    const [isOpen, setOpen] = React.useState(false);
    const all = specSelectors.specJson().getIn(["paths", props.path, props.method, "responses"]);
    if (props.code < "300" && (props.code === "201" || !all.has("201"))) return h(Original, props);
    return h(React.Fragment, null,
      h("tr", { className: `response folded ${props.className}` },
        h("td", { className: "response-col_status" }, props.code),
        h("td", { className: "response-col_description", colSpan: 2 },
          h("button", { type: "button", "aria-expanded": isOpen, onClick: () => setOpen(!isOpen) },
            (props.response.get("description") ?? "").replaceAll("`", "")))),
      isOpen && h(Original, { ...props, code: "", className: "unfolded" }));
  };

  const foldedHeaders = (Original) => (props) => props.headers?.size
    ? h("details", { className: "headers-fold" }, h("summary", null, `Headers (${props.headers.size})`), h(Original, props))
    : null;

  return {
    components: {
      authorizeBtn: AuthorizeButton,
      authorizationPopup: SignInDialog,
      FilterContainer: Search,
    },
    wrapComponents: {
      response: foldedResponse,
      headers: foldedHeaders,
      // One server is no choice.
      ServersContainer: (Original, { specSelectors }) => (props) => specSelectors.servers()?.size > 1 ? h(Original, props) : null,
    },
    fn: { opsFilter: search },
    statePlugins: { spec: { wrapActions: { updateSpec: (original) => (text) => original(atThisAddress(text)) } } },
  };
}

/** The operations whose tag, method, path or summary has the text. */
function search(taggedOperations, text) {
  const wanted = text.toLowerCase();
  return taggedOperations
    .map((group, tag) => group.update("operations", (operations) => operations.filter((operation) =>
      [tag, operation.get("method"), operation.get("path"), operation.getIn(["operation", "summary"])]
        .join(" ").toLowerCase().includes(wanted))))
    .filter((group) => group.get("operations").size > 0);
}

/** The page may send requests to its own service only, which may have other addresses than the public one. */
function atThisAddress(text) {
  if (!text) return text;
  const contract = JSON.parse(text);
  contract.servers = contract.servers.map((server) => /^https?:/.test(server.url) ? { ...server, url: service } : server);
  return JSON.stringify(contract);
}

/** Lists before their parts, reading before writing. */
function byDepth(a, b) {
  const rank = (operation) => [operation.get("path").split("/").length, operation.get("path"), METHODS.indexOf(operation.get("method"))];
  const [x, y] = [rank(a), rank(b)];
  return x[0] - y[0] || x[1].localeCompare(y[1]) || x[2] - y[2];
}

// ---- the page

document.querySelector("#hint button").addEventListener("click", showSignIn);

ui = SwaggerUIBundle({
  url: `${service}/openapi.json`,
  dom_id: "#swagger-ui",
  plugins: [plugin],
  deepLinking: true,
  // The page has a hundred operations, so it shows only the groups at first.
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  operationsSorter: byDepth,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: (request) => Object.assign(request, { credentials: "omit" }),
  responseInterceptor: onResponse,
  onComplete() {
    const token = sessionStorage.getItem(STORED);
    if (token) hold(token);
  },
});
