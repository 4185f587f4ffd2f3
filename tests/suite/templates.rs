//! What every template must keep: the content security policy, words only from
//! `locales/`, icons and files that the build of `web/` makes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tirkeu::app::NAVIGATION;
use tirkeu::i18n::{Language, Words};

/// Names that `web/build.mjs` enters in `web/dist/manifest.json`.
const ASSETS: [&str; 16] = [
    "app.css",
    "app.webmanifest",
    "fonts/golos-cyrillic-ext.woff2",
    "fonts/golos-cyrillic.woff2",
    "fonts/golos-latin-ext.woff2",
    "fonts/golos-latin.woff2",
    "icons.svg",
    "js/app.js",
    "js/kiosk.js",
    "js/public.js",
    "js/theme.js",
    "js/widget.js",
    "js/work.js",
    "kiosk.css",
    "mark.svg",
    "public.css",
];

#[test]
fn no_template_holds_inline_style_or_script() {
    for (path, text) in templates() {
        // A letter is shown by mail programs: they have no stylesheet of ours.
        if path.ends_with("messaging/letter.html") {
            continue;
        }
        for banned in
            [" style=\"", " style='", "<style", " onclick=", " hx-on", "\"js:", "javascript:"]
        {
            assert!(!text.contains(banned), "{}: {banned}", path.display());
        }
        for script in text.split("<script").skip(1) {
            // Data for search engines is no script: nothing runs it.
            let data = script.starts_with(" type=\"application/ld+json\">{{ island|safe }}</");
            let is_file = script.starts_with(" src=");
            assert!(data || is_file, "{}: a script without src", path.display());
        }
    }
}

/// The parser of HTML closes a paragraph at the first form, list or block in it: what follows falls out of the row.
#[test]
fn no_paragraph_holds_what_a_paragraph_cannot_hold() {
    for (path, text) in templates() {
        for rest in ["<p>", "<p "].into_iter().flat_map(|open| text.split(open).skip(1)) {
            let inside = rest.split("</p>").next().unwrap_or_default();
            for block in ["<form", "post_button(", "<div", "<ul", "<dl", "<table", "<section"] {
                assert!(!inside.contains(block), "{}: {block} in <p {inside}", path.display());
            }
        }
    }
}

/// Addresses stay in histories and logs (OWASP ASVS 14.2.1): by GET go days,
/// pages and codes, and what is typed goes by POST.
#[test]
fn what_is_typed_about_people_goes_into_no_address() {
    // Days, services and times, chosen people of the staff, states, numbers of cards.
    const FILTERS: [&str; 10] = [
        "accountability/transfers.html",
        "audit/_parts.html",
        "audit/findings.html",
        "audit/log.html",
        "booking/schedule.html",
        "booking/why.html",
        "followups/list.html",
        "capacity/index.html",
        "subject_requests/list.html",
        "waitlist/list.html",
    ];
    for (path, text) in templates() {
        let may = FILTERS.iter().any(|known| path.ends_with(known));
        for form in text.split("<form").skip(1) {
            let head = form.split('>').next().unwrap_or_default();
            assert!(may || head.contains("method=\"post\""), "{}: {head}", path.display());
        }
        for input in text.split("<input").skip(1) {
            let head = input.split('>').next().unwrap_or_default();
            assert!(!head.contains("hx-get"), "{}: {head}", path.display());
        }
        assert!(!text.contains("formmethod=\"get\""), "{}", path.display());
    }
}

#[test]
fn every_icon_that_is_named_is_in_the_sprite() {
    let list = fs::read_to_string(root().join("web/icons.txt")).unwrap();
    let sprite: BTreeSet<&str> = list.split_whitespace().collect();
    for (path, text) in templates() {
        for name in ["icon(", "card_head(", "empty("].into_iter().flat_map(|one| calls(&text, one))
        {
            assert!(sprite.contains(name), "{}: add {name} to web/icons.txt", path.display());
        }
    }
    for entry in NAVIGATION.0 {
        assert!(sprite.contains(entry.icon), "rail: add {} to web/icons.txt", entry.icon);
    }
}

#[test]
fn every_word_that_a_template_says_exists() {
    let keys = Words::keys(Language::Ru);
    for (path, text) in templates() {
        for key in calls(&text, " t(").chain(calls(&text, "(t(")) {
            let whole = !key.ends_with('-'); // else the rest is added by the template
            let known =
                keys.iter().any(|known| if whole { known == key } else { known.starts_with(key) });
            assert!(known, "{}: no message {key}", path.display());
        }
    }
}

#[test]
fn every_file_that_a_template_asks_for_is_built() {
    for (path, text) in templates() {
        for name in calls(&text, "asset(") {
            assert!(ASSETS.contains(&name), "{}: {name}", path.display());
        }
    }
}

/// The literal first arguments of calls: `icon("check", …)` gives `check`.
fn calls<'a>(text: &'a str, call: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(call).skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|first| "\"'".contains(*first))?;
        rest[1..].split(quote).next()
    })
}

fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    for (index, part) in text.split("{#").enumerate() {
        kept.push_str(if index == 0 {
            part
        } else {
            part.split_once("#}").map_or("", |(_, rest)| rest)
        });
    }
    kept
}

fn templates() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    walk(&root().join("templates"), &mut found);
    assert!(found.len() > 20, "the templates were not found");
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            let text = without_comments(&fs::read_to_string(&path).unwrap());
            found.push((path, text));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
