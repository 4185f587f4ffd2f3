//! What may stand in braces: much less than the template engine would take.

use super::TextError;

/// A part of a template that is not words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// `{{ name }}`
    Says(&'a str),
    /// `{% if name %}`
    If(&'a str),
    /// `{% else %}`
    Else,
    /// `{% endif %}`
    End,
}

/// More variables than any purpose knows are not tried in all their combinations.
pub const MOST_TESTED: usize = 12;

/// The variables a template names, in order of their first mention.
///
/// # Errors
/// [`TextError::NotUnderstood`] with the part that is neither words nor
/// `{{ name }}` nor one of `{% if name %}`, `{% else %}`, `{% endif %}`.
pub fn named(source: &str) -> Result<Vec<String>, TextError> {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces(source)? {
        if let Piece::Says(name) | Piece::If(name) = piece
            && names.iter().all(|known| known != name)
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// What a template says besides its variables.
pub fn words(source: &str) -> String {
    let (mut words, mut rest) = (String::with_capacity(source.len()), source);
    while let Some((before, braces)) = rest.split_once('{') {
        words.push_str(before);
        words.push(' ');
        rest = braces.split_once('}').map_or("", |(_, after)| after);
    }
    words + rest
}

/// Whether the text says one thing with this variable and another without.
pub fn tests(source: &str, name: &str) -> bool {
    pieces(source).is_ok_and(|pieces| pieces.contains(&Piece::If(name)))
}

/// Whether a text names this variable only inside an `if` on it, and says nothing in
/// its place where it has no value.
pub fn only_if_there(source: &str, name: &str) -> bool {
    let Ok(pieces) = pieces(source) else { return false };
    let mut open: Vec<&str> = Vec::new();
    pieces.iter().all(|piece| match piece {
        Piece::Says(one) => *one != name || open.contains(one),
        Piece::If(one) => {
            open.push(one);
            true
        }
        Piece::Else => open.last().is_none_or(|one| *one != name),
        Piece::End => {
            open.pop();
            true
        }
    })
}

/// Whether a variable that has a value stands in the text, whichever others have one.
pub fn always_says(source: &str, name: &str) -> bool {
    let Ok(pieces) = pieces(source) else { return false };
    let mut tested: Vec<&str> = Vec::new();
    for piece in &pieces {
        if let Piece::If(one) = piece
            && *one != name
            && !tested.contains(one)
        {
            tested.push(one);
        }
    }
    if MOST_TESTED < tested.len() {
        return false;
    }
    (0_u32..1 << tested.len()).all(|held| {
        let holds = |one: &str| {
            let place = tested.iter().position(|other| *other == one);
            one == name || place.is_some_and(|place| held >> place & 1 == 1)
        };
        says(&pieces, name, holds)
    })
}

fn says(pieces: &[Piece<'_>], name: &str, holds: impl Fn(&str) -> bool) -> bool {
    // Of each `if` that is open: whether what stands around it is said, and whether it is.
    let mut open: Vec<(bool, bool)> = Vec::new();
    for piece in pieces {
        let is_said = open.last().is_none_or(|(around, inside)| *around && *inside);
        match piece {
            Piece::Says(one) if is_said && *one == name => return true,
            Piece::Says(_) => {}
            Piece::If(one) => open.push((is_said, holds(one))),
            Piece::Else => {
                if let Some((_, inside)) = open.last_mut() {
                    *inside = !*inside;
                }
            }
            Piece::End => {
                open.pop();
            }
        }
    }
    false
}

fn pieces(source: &str) -> Result<Vec<Piece<'_>>, TextError> {
    let mut pieces = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}']) {
        let braces = &rest[at..];
        let (piece, after) = if let Some(inner) = braces.strip_prefix("{{") {
            let (inner, after) = closed(inner, "}}", braces)?;
            (Piece::Says(variable(inner, braces)?), after)
        } else if let Some(inner) = braces.strip_prefix("{%") {
            let (inner, after) = closed(inner, "%}", braces)?;
            (statement(inner, braces)?, after)
        } else {
            return Err(not_understood(braces));
        };
        pieces.push(piece);
        rest = after;
    }
    Ok(pieces)
}

fn closed<'a>(inner: &'a str, end: &str, whole: &str) -> Result<(&'a str, &'a str), TextError> {
    inner.split_once(end).ok_or_else(|| not_understood(whole))
}

fn variable<'a>(inner: &'a str, whole: &str) -> Result<&'a str, TextError> {
    let name = inner.trim_matches([' ', '-']);
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_name { Ok(name) } else { Err(not_understood(whole)) }
}

fn statement<'a>(inner: &'a str, whole: &str) -> Result<Piece<'a>, TextError> {
    match inner.trim_matches([' ', '-']) {
        "else" => Ok(Piece::Else),
        "endif" => Ok(Piece::End),
        statement => match statement.strip_prefix("if ") {
            Some(condition) => variable(condition, whole).map(Piece::If),
            None => Err(not_understood(whole)),
        },
    }
}

/// The first two dozen letters of where it went wrong.
fn not_understood(part: &str) -> TextError {
    TextError::NotUnderstood(part.chars().take(24).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_asked_for_wherever_it_is_named_and_nothing_stands_for_it() {
        for only in [
            "",
            "a",
            "{% if code %}a {{ code }}{% endif %}",
            "{% if code %}{% if phone %}{{ code }}{% else %}b{% endif %}{% endif %}",
            "{% if phone %}a{% else %}{% if code %}{{ code }}{% endif %}{% endif %}",
        ] {
            assert!(only_if_there(only, "code"), "{only}");
        }
        for besides in [
            "{{ code }}",
            "{% if code %}{{ code }}{% endif %} {{ code }}",
            "{% if phone %}{{ code }}{% endif %}",
            "{% if code %}{{ code }}{% else %}none{% endif %}",
            "{% if code %}{% if phone %}a{% endif %}{% else %}none{% endif %}",
        ] {
            assert!(!only_if_there(besides, "code"), "{besides}");
        }
    }

    #[test]
    fn what_a_text_has_to_say_is_said_whatever_else_is_missing() {
        for always in [
            "{{ code }}",
            "{% if code %}{{ code }}{% endif %}",
            "{% if clinic %}a {{ code }}{% else %}{{ code }} b{% endif %}",
            "{% if clinic %}{% if phone %}a{% endif %}{% endif %}{{- code -}}",
        ] {
            assert!(always_says(always, "code"), "{always}");
        }
        for sometimes in [
            "",
            "{% if code %}a{% endif %}",
            "{% if code %}a{% else %}{{ code }}{% endif %}",
            "{% if clinic %}{{ code }}{% endif %}",
            "{% if clinic %}{{ code }}{% else %}{% if phone %}{{ code }}{% endif %}{% endif %}",
        ] {
            assert!(!always_says(sometimes, "code"), "{sometimes}");
        }
    }
}
