//! The doctor that a column of a calendar belongs to.

pub(super) fn has_initials(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters
        .windows(4)
        .any(|w| w[0].is_uppercase() && w[1] == '.' && w[2].is_uppercase() && w[3] == '.')
        || letters.windows(3).any(|w| w[0] == ' ' && w[1].is_uppercase() && w[2] == '.')
}

/// The name without the word before it: «Врач: …», «Терапевт Иванова А.О.».
pub(super) fn doctor(text: &str) -> String {
    let named = text.split_once(':').map_or(text, |(_, name)| name);
    let words: Vec<&str> = named.split_whitespace().collect();
    let from = words.iter().position(|word| {
        word.chars().next().is_some_and(char::is_uppercase) && !is_profession(word)
    });
    words[from.unwrap_or_default()..].join(" ")
}

fn is_profession(word: &str) -> bool {
    const STEMS: [&str; 18] = [
        "врач",
        "доктор",
        "дәрігер",
        "терапевт",
        "хирург",
        "ортодонт",
        "ортопед",
        "стоматолог",
        "невролог",
        "гинеколог",
        "педиатр",
        "уролог",
        "кардиолог",
        "массаж",
        "узи",
        "лор",
        "окулист",
        "др.",
    ];
    let word = word.to_lowercase();
    STEMS.iter().any(|stem| word.starts_with(stem))
}
