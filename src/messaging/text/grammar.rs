//! What may stand in braces: much less than the template engine would take.

use super::TextError;

/// The variables a template names, in order of their first mention.
///
/// # Errors
/// [`TextError::NotUnderstood`] with the part that is neither words nor
/// `{{ name }}` nor one of `{% if name %}`, `{% else %}`, `{% endif %}`.
pub fn named(source: &str) -> Result<Vec<String>, TextError> {
    let mut names = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}']) {
        let braces = &rest[at..];
        let (name, after) = if let Some(inner) = braces.strip_prefix("{{") {
            let (inner, after) = closed(inner, "}}", braces)?;
            (Some(variable(inner, braces)?), after)
        } else if let Some(inner) = braces.strip_prefix("{%") {
            let (inner, after) = closed(inner, "%}", braces)?;
            (statement(inner, braces)?, after)
        } else {
            return Err(not_understood(braces));
        };
        names.extend(name.filter(|name| !names.contains(name)));
        rest = after;
    }
    Ok(names)
}

/// Whether the text says one thing with this variable and another without.
pub fn tests(source: &str, name: &str) -> bool {
    let condition = format!("if {name}");
    let parts = source.split("{%").skip(1).filter_map(|part| part.split_once("%}"));
    let mut tests = parts.map(|(statement, _)| statement.trim_matches([' ', '-']));
    tests.any(|statement| statement == condition)
}

fn closed<'a>(inner: &'a str, end: &str, whole: &str) -> Result<(&'a str, &'a str), TextError> {
    inner.split_once(end).ok_or_else(|| not_understood(whole))
}

fn variable(inner: &str, whole: &str) -> Result<String, TextError> {
    let name = inner.trim_matches([' ', '-']);
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_name { Ok(name.to_owned()) } else { Err(not_understood(whole)) }
}

fn statement(inner: &str, whole: &str) -> Result<Option<String>, TextError> {
    match inner.trim_matches([' ', '-']) {
        "else" | "endif" => Ok(None),
        statement => match statement.strip_prefix("if ") {
            Some(condition) => variable(condition, whole).map(Some),
            None => Err(not_understood(whole)),
        },
    }
}

/// The first two dozen letters of where it went wrong.
fn not_understood(part: &str) -> TextError {
    TextError::NotUnderstood(part.chars().take(24).collect())
}
