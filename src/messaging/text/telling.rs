//! Words that tell of somebody's health where no variable does: the clinic wrote
//! them into a text itself.
//!
//! A list of beginnings, for dentistry, cosmetology and clinics of many fields, in
//! Russian, Kazakh and English. It finds what people write in messages about
//! visits; it is no proof that a text without them tells nothing.

/// A word that begins with one of these tells of health: teeth, fields of doctors,
/// what is found and done about it. Lower case, `ё` as `е`.
const BEGINNINGS: &str = "\
    брекет виниринг гингивит имплант кариес коронк ортодонт ортопед пародонт периодонт пломб \
    протез пульпит удалени эндодонт аллерголог андролог венеролог гастроэнтеролог гематолог \
    гинеколог дерматолог инфекционист кардиолог косметолог маммолог нарколог невролог нефролог \
    онколог офтальмолог проктолог психиатр психолог психотерап пульмонолог репродуктолог \
    травматолог уролог фтизиатр хирург эндокринолог аборт анализ анамнез анестези беремен \
    биопси болезн ботокс гепатит диабет диагноз диспансер заболеван инфекц капельниц \
    колоноскоп лечен наркоз операц опухол рентген рецепт сифилис симптом томограф туберкулез \
    филлер эндоскоп эпиляц акушер вакцин десн зуб натощак отбелив педиатр прививк терапевт емде жұлу жүкті ісік талдама талдау \
    abortion botox braces caries diagnos disease extraction implant oncolog orthodont pregnan \
    surger treatment";

/// Short ones are whole words: "экономия" is no "эко", a doctor ("дәрігер") no
/// medicine.
const WHOLE: [&str; 12] =
    ["ауру", "ауруы", "дәрі", "мрт", "ота", "отаға", "узи", "эко", "экг", "қан", "тіс", "тістер"];

/// The first word of a text that tells of health, as it stands there.
pub fn clinical_word(text: &str) -> Option<&str> {
    text.split(|letter: char| !letter.is_alphabetic()).find(|word| {
        let word = word.to_lowercase().replace('ё', "е");
        WHOLE.contains(&word.as_str())
            || BEGINNINGS.split_whitespace().any(|begins| word.starts_with(begins))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_treatments_are_found_in_each_language_and_any_case() {
        for (text, word) in [
            ("Ждём вас на Имплантацию в среду", "Имплантацию"),
            ("ваш АНАЛИЗ готов", "АНАЛИЗ"),
            ("Приём у ортодонта, 14:30", "ортодонта"),
            ("туберкулёз", "туберкулёз"),
            ("МРТ завтра в 9", "МРТ"),
            ("Почистите зубы перед приёмом", "зубы"),
            ("Приходите натощак", "натощак"),
            ("Тіс дәрігері күтеді", "Тіс"),
            ("Сізді емдеуге күтеміз", "емдеуге"),
            ("Талдауыңыз дайын", "Талдауыңыз"),
            ("Your root canal treatment", "treatment"),
        ] {
            assert_eq!(clinical_word(text), Some(word), "{text}");
        }
    }

    #[test]
    fn words_of_visits_tell_nothing() {
        for text in [
            "Ждём вас в среду, 24 ноября, в 14:30. Ответить: {{ link }}",
            "Вы записаны. Экономия времени: приходите за 10 минут с удостоверением",
            "Сізді сәрсенбі, 24 қараша, 14:30-да дәрігер күтеді. Отау көшесі, 5, аурухана жанында",
            "You are booked for Wednesday. Bring your ID",
            "",
        ] {
            assert_eq!(clinical_word(text), None, "{text}");
        }
    }
}
