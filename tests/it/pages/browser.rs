//! A browser without scripts: it keeps cookies, follows redirections, and reads pages as XML.

use std::cell::RefCell;
use std::collections::BTreeMap;

use iku::demo::PASSWORD;
use roxmltree::{Document, Node, ParsingOptions};

use crate::support::world::{Client, Reply, World};

pub struct Browser {
    client: Client,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub fn new(world: &World) -> Self {
        Self {
            client: world.anonymous().with("sec-fetch-site", "same-origin"),
            cookies: RefCell::default(),
        }
    }

    /// A browser in which a user of the demonstration is signed in.
    pub async fn of(world: &World, username: &str) -> Self {
        let browser = Self::new(world);
        let form = form(&[("username", username), ("password", PASSWORD)]);
        let home = browser.post("/masuk", &form).await;
        assert_eq!(home.reply.status, 200, "{username}: {}", home.text());
        browser
    }

    /// Another browser with the same cookies, whose requests have other headers than those of its own pages.
    pub fn with_client(&self, client: Client) -> Self {
        Self {
            client,
            cookies: RefCell::new(self.cookies.borrow().clone()),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    fn client(&self) -> Client {
        let cookies = self.cookies.borrow();
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        match pairs.is_empty() {
            true => self.client.clone(),
            false => self.client.with("cookie", &pairs.join("; ")),
        }
    }

    fn keep(&self, reply: &Reply) {
        for line in reply.headers.get_all("set-cookie") {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut cookies = self.cookies.borrow_mut();
            match attributes.contains("Max-Age=0") {
                true => cookies.remove(name),
                false => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    /// One request, without following a redirection.
    pub async fn ask(&self, path: &str) -> Reply {
        let reply = self.client().get(path).await;
        self.keep(&reply);
        reply
    }

    /// One posted form, without following the redirection.
    pub async fn send(&self, path: &str, form: &str) -> Reply {
        let reply = self.client().post_form(path, form).await;
        self.keep(&reply);
        reply
    }

    /// Posts a form with a file, as `multipart/form-data`.
    pub async fn post_parts(&self, path: &str, parts: &[(&str, &str)]) -> Page {
        let mut body = String::new();
        for (name, value) in parts {
            body += &format!("--batas\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        body += "--batas--\r\n";
        let media = "multipart/form-data; boundary=batas";
        let reply = self.client().send("POST", path, media, body.into_bytes()).await;
        self.keep(&reply);
        self.follow(reply, path).await
    }

    /// Posts a form with one file of any bytes.
    pub async fn post_file(&self, path: &str, (field, name): (&str, &str), bytes: &[u8]) -> Page {
        let head = format!(
            "--batas\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--batas--\r\n"].concat();
        let media = "multipart/form-data; boundary=batas";
        let reply = self.client().send("POST", path, media, body).await;
        self.keep(&reply);
        self.follow(reply, path).await
    }

    pub async fn get(&self, path: &str) -> Page {
        self.follow(self.ask(path).await, path).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Page {
        self.follow(self.send(path, form).await, path).await
    }

    async fn follow(&self, mut reply: Reply, path: &str) -> Page {
        let mut at = path.to_owned();
        for _ in 0..5 {
            if reply.status != 303 {
                return Page::new(at, reply);
            }
            at = reply.header("location").to_owned();
            let without_fragment = at.split('#').next().unwrap().to_owned();
            reply = self.ask(&without_fragment).await;
        }
        panic!("{path} redirects for ever");
    }
}

/// Returns a form as a browser encodes it.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

/// A page, which is well-formed XML.
pub struct Page {
    /// Its address, after redirections.
    pub at: String,
    pub reply: Reply,
    source: String,
}

impl Page {
    pub fn new(at: String, reply: Reply) -> Self {
        let media = reply.header("content-type").to_owned();
        let source = String::from_utf8(reply.body.clone()).unwrap();
        assert_eq!(media, "text/html; charset=utf-8", "{at}: {source}");
        let page = Self { at, reply, source };
        page.check();
        page
    }

    fn document(&self) -> Document<'_> {
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        Document::parse_with_options(&self.source, options)
            .unwrap_or_else(|e| panic!("{}: {e}\n{}", self.at, self.source))
    }

    /// What every page has: a language, a title, one main heading, labels, unique ids, and nothing that the policy forbids.
    fn check(&self) {
        let document = self.document();
        let all = || document.descendants().filter(Node::is_element);
        assert!(matches!(document.root_element().attribute("lang"), Some("id" | "en")));
        for name in ["title", "h1", "main"] {
            let is_of_page = |node: &Node<'_, '_>| !node.ancestors().any(|outer| outer.has_tag_name("svg"));
            let count = all().filter(|node| node.has_tag_name(name) && is_of_page(node)).count();
            assert_eq!(count, 1, "{}: {count} {name}\n{}", self.at, self.source);
        }
        let mut ids: Vec<&str> = all().filter_map(|node| node.attribute("id")).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{}: ids are repeated", self.at);
        for node in all() {
            let inline = node
                .attributes()
                .find(|a| a.name() == "style" || a.name().starts_with("on"));
            assert!(inline.is_none(), "{}: {:?}", self.at, inline);
            let is_field = ["input", "select", "textarea"]
                .iter()
                .any(|name| node.has_tag_name(*name));
            let is_hidden = node.attribute("type") == Some("hidden");
            if is_field && !is_hidden {
                assert!(
                    self.label_of(node).is_some(),
                    "{}: a field without a label: {node:?}",
                    self.at
                );
            }
            if node.has_tag_name("table") {
                let is_scoped = |cell: Node<'_, '_>| !cell.has_tag_name("th") || cell.attribute("scope").is_some();
                assert!(
                    node.children().any(|child| child.has_tag_name("caption")),
                    "{}: no caption",
                    self.at
                );
                assert!(node.descendants().all(is_scoped), "{}: a th without scope", self.at);
            }
            if node.has_tag_name("svg") && node.attribute("aria-hidden") != Some("true") {
                let has = |name: &str| node.children().any(|child| child.has_tag_name(name));
                assert!(has("title") && has("desc"), "{}: a chart without words", self.at);
            }
        }
    }

    fn label_of(&self, field: Node<'_, '_>) -> Option<String> {
        if let Some(label) = field.ancestors().find(|node| node.has_tag_name("label")) {
            return Some(words(label));
        }
        let id = field.attribute("id")?;
        let mut labels = field.document().descendants().filter(|node| node.has_tag_name("label"));
        labels.find(|label| label.attribute("for") == Some(id)).map(words)
    }

    /// All words of the page.
    pub fn text(&self) -> String {
        words(self.document().root_element())
    }

    pub fn heading(&self) -> String {
        self.first("h1")
    }

    fn first(&self, name: &str) -> String {
        let document = self.document();
        let found = document.descendants().find(|node| node.has_tag_name(name));
        found.map(words).unwrap_or_default()
    }

    /// The words of every element with this tag.
    pub fn each(&self, name: &str) -> Vec<String> {
        let document = self.document();
        let found = document.descendants().filter(|node| node.has_tag_name(name));
        found.map(words).collect()
    }

    /// The words of the element with this class, without its children's classes.
    pub fn of_class(&self, class: &str) -> Vec<String> {
        let document = self.document();
        let has = |node: &Node<'_, '_>| {
            node.attribute("class")
                .is_some_and(|all| all.split(' ').any(|c| c == class))
        };
        document.descendants().filter(has).map(words).collect()
    }

    /// The addresses of all links.
    pub fn links(&self) -> Vec<String> {
        let document = self.document();
        let links = document.descendants().filter(|node| node.has_tag_name("a"));
        links
            .filter_map(|node| node.attribute("href").map(str::to_owned))
            .collect()
    }

    /// The label of the link or the element with this id.
    pub fn label(&self, id: &str) -> Option<String> {
        let document = self.document();
        let found = document.descendants().find(|node| node.attribute("id") == Some(id))?;
        found.attribute("aria-label").map(str::to_owned)
    }

    pub fn buttons(&self) -> Vec<String> {
        self.each("button")
    }

    /// The value of the field with this name in the form with this action.
    pub fn value(&self, action: &str, name: &str) -> String {
        let document = self.document();
        let is_of = |form: &Node<'_, '_>| {
            form.has_tag_name("form")
                && form
                    .descendants()
                    .any(|node| node.attribute("name") == Some("aksi") && node.attribute("value") == Some(action))
        };
        let form = document
            .descendants()
            .find(is_of)
            .unwrap_or_else(|| panic!("no form {action}"));
        let field = form.descendants().find(|node| node.attribute("name") == Some(name));
        let field = field.unwrap_or_else(|| panic!("no field {name} in {action}"));
        field.attribute("value").map_or_else(|| words(field), str::to_owned)
    }

    /// The value of the hidden field with this name.
    pub fn hidden(&self, name: &str) -> String {
        let document = self.document();
        let is_it =
            |node: &Node<'_, '_>| node.attribute("type") == Some("hidden") && node.attribute("name") == Some(name);
        let field = document.descendants().find(is_it);
        let field = field.unwrap_or_else(|| panic!("no hidden field {name}"));
        field.attribute("value").unwrap_or_default().to_owned()
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// The sentence beside the field with this label.
    pub fn fault_at(&self, label: &str) -> String {
        let document = self.document();
        let is_labelled = |node: &Node<'_, '_>| {
            node.attribute("aria-invalid") == Some("true") && self.label_of(*node).is_some_and(|l| l.starts_with(label))
        };
        let Some(field) = document.descendants().find(is_labelled) else {
            return String::new();
        };
        let described = field.attribute("aria-describedby").unwrap();
        let is_fault = |node: &Node<'_, '_>| {
            let id = node.attribute("id");
            id.is_some_and(|id| id.ends_with("-fault") && described.split(' ').any(|d| d == id))
        };
        document.descendants().find(is_fault).map(words).unwrap_or_default()
    }
}

/// The text of an element, with single blanks.
fn words(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text).filter_map(|text| text.text());
    let text: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
    text.join(" ")
}
