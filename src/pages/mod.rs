//! HTML pages: a typed view, put into its template.

mod cell;
mod filters;

pub use cell::inert;
pub use filters::initials;

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::clock::Zone;
use crate::i18n::{Language, Words};

#[derive(RustEmbed)]
#[folder = "templates"]
struct Templates;

/// What `npm run build` made of `web/`; empty until it has run.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
pub struct Assets;

/// The data of one page. Its field names are the template's variables.
pub trait View: Serialize + Sized {
    /// Path below `templates/`.
    const TEMPLATE: &'static str;

    /// One value for every state the page can show. The suite renders each, in
    /// every language, and fails when the template names what the view lacks.
    fn samples() -> Vec<Self>;
}

/// What surrounds a view: filled in from the request, not by handlers.
#[derive(Clone, Debug, Serialize)]
pub struct Chrome {
    pub language: Language,
    /// `light` or `dark`.
    pub theme: &'static str,
    /// `layout/page.html`, or `layout/fragment.html` when htmx asks, or another.
    pub layout: &'static str,
    pub clinic_name: String,
    /// The path asked for, without its query.
    pub path: String,
    /// Where whoever leaves this page comes back to: itself, or the page whose
    /// form it answers, which cannot be asked for again. A path without a query.
    pub back: String,
    /// Who is signed in.
    pub user: Option<ChromeUser>,
    pub nav: Vec<NavItem>,
    /// The `id` of the entry that the page belongs to.
    pub active: &'static str,
    /// Whether the page follows changes.
    pub live: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct ChromeUser {
    pub name: String,
    /// The role's name as in the policy: `reception`.
    pub role: &'static str,
    pub initials: String,
    /// Whether patients may be looked up: the box in the head is for them.
    pub finds: bool,
    /// Whether tablets may be paired: the tab of consents is for them.
    pub pairs: bool,
}

/// One entry of the rail.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    pub id: &'static str,
    pub href: &'static str,
    pub icon: &'static str,
    pub label: String,
    /// How many things wait there for a person; zero shows nothing.
    pub count: u32,
    /// At the foot of the rail: control and system.
    pub foot: bool,
}

/// The loaded templates. Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    environment: Arc<Environment<'static>>,
    words: Arc<Words>,
}

#[derive(Debug, thiserror::Error)]
#[error("the page could not be made from {template}: {source:#}")]
pub struct RenderError {
    template: &'static str,
    source: Error,
}

impl Pages {
    /// # Panics
    /// When `locales/` or the system's time zones are broken.
    pub fn load() -> Self {
        let words = Arc::new(Words::load());
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_loader(|path| Ok(template_source(path)));
        let zone = Zone::named("Asia/Almaty").expect("tzdata is installed");
        filters::add(&mut environment, words.clone(), zone);
        let spoken = words.clone();
        environment.add_function(
            "t",
            move |state: &State<'_, '_>, key: Cow<'_, str>, args: Kwargs| {
                say(&spoken, state, &key, &args)
            },
        );
        let manifest = asset_manifest();
        // Safe: these are our own files' names. Escaped, each slash is five bytes longer.
        let asset = move |name: Cow<'_, str>| Value::from_safe_string(asset_path(&manifest, &name));
        environment.add_function("asset", asset);
        Self { environment: Arc::new(environment), words }
    }

    pub fn words(&self) -> &Words {
        &self.words
    }

    /// # Errors
    /// When the template is missing or names something the view lacks: a
    /// mistake in this program, never in the request.
    pub fn render<V: View>(&self, chrome: &Chrome, view: &V) -> Result<String, RenderError> {
        #[derive(Serialize)]
        struct Page<'a, V> {
            chrome: &'a Chrome,
            #[serde(flatten)]
            view: &'a V,
        }
        self.environment
            .get_template(V::TEMPLATE)
            .and_then(|template| template.render(Serde(Page { chrome, view })))
            .map_err(|source| RenderError { template: V::TEMPLATE, source })
    }

    /// Every template there is, for the suite.
    pub fn template_names() -> impl Iterator<Item = Cow<'static, str>> {
        Templates::iter()
    }
}

impl Chrome {
    /// For samples and tests.
    pub fn plain(language: Language) -> Self {
        Self {
            language,
            theme: "light",
            layout: "layout/page.html",
            clinic_name: "Tirkeu".to_owned(),
            path: "/".to_owned(),
            back: "/".to_owned(),
            user: None,
            nav: Vec::new(),
            active: "",
            live: false,
        }
    }

    /// The same page, belonging to an entry of the rail.
    #[must_use]
    pub fn active(mut self, id: &'static str) -> Self {
        self.active = id;
        self
    }

    /// The same page in another layout; a fragment stays one.
    #[must_use]
    pub fn layout(mut self, layout: &'static str) -> Self {
        if self.layout != FRAGMENT {
            self.layout = layout;
        }
        self
    }
}

/// What htmx gets: the page's main block alone.
pub const FRAGMENT: &str = "layout/fragment.html";

fn template_source(path: &str) -> Option<String> {
    let file = Templates::get(path)?;
    String::from_utf8(file.data.into_owned()).ok()
}

fn say(words: &Words, state: &State<'_, '_>, key: &str, args: &Kwargs) -> Result<String, Error> {
    let language = language_of(state);
    let mut list = FluentArgs::new();
    for name in args.args() {
        let value: Value = args.get(name)?;
        match i64::try_from(value.clone()) {
            Ok(number) if value.is_number() => list.set(name.to_owned(), number),
            _ => list.set(name.to_owned(), value.to_string()),
        }
    }
    words
        .say(language, key, &list)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no message {key}")))
}

fn language_of(state: &State<'_, '_>) -> Language {
    let chrome = state.lookup("chrome");
    let tag = chrome.and_then(|chrome| chrome.get_attr("language").ok());
    tag.and_then(|tag| tag.as_str()?.parse().ok()).unwrap_or_default()
}

fn asset_manifest() -> std::collections::HashMap<String, String> {
    let file = Assets::get("manifest.json");
    file.and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}

fn asset_path(manifest: &std::collections::HashMap<String, String>, name: &str) -> String {
    format!("/static/{}", manifest.get(name).map_or(name, String::as_str))
}
