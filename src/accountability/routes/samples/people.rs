//! The counter of people, its numbers, and the rules of the staff.

use super::{day, moment, wrong};
use crate::accountability::size::{
    Class, Limit, LimitCode, LimitForm, LimitPage, People, Reach, SizeBar, SizePage, Standing,
    Threshold,
};
use crate::accountability::training::{
    self, Confirmed, Learner, MyRulesCard, MyRulesPage, RulesForm, StaffRules, TrainingPage,
};
use crate::pages::View;
use crate::vault::permission::Role;
use crate::web::FieldErrors;

fn limit(code: LimitCode, confirmed: bool) -> Limit {
    Limit {
        code,
        version: 1,
        value: 10_000,
        basis_ru: "Закон".to_owned(),
        basis_kk: "Заң".to_owned(),
        source: "https://adilet.zan.kz/".to_owned(),
        checked_on: day(),
        confirmed,
        effective_from: day(),
        made_at: moment(),
        made_by: confirmed.then(|| "A. B.".to_owned()),
    }
}

pub(super) fn standing(total: i64) -> Standing {
    let threshold = |code, at: i64| {
        let reach = match (at <= total, at * 9 / 10 <= total) {
            (true, _) => Reach::Crossed,
            (false, true) => Reach::Near,
            (false, false) => Reach::Far,
        };
        Threshold { code, at, warn_at: at * 9 / 10, reach }
    };
    Standing {
        people: People { patients: total - 2, staff: 2, applicants: 0 },
        total,
        class: if total < 10_000 { Class::Small } else { Class::Large },
        treated_as: if total < 10_000 { Class::Medium } else { Class::Large },
        must_notify: 10_000 < total,
        thresholds: vec![
            threshold(LimitCode::SmallPeople, 10_000),
            threshold(LimitCode::BiometricPeople, 100_000),
            threshold(LimitCode::MediumPeople, 500_000),
        ],
    }
}

impl View for SizePage {
    const TEMPLATE: &'static str = "accountability/size.html";

    fn samples() -> Vec<Self> {
        let limits = |confirmed| LimitCode::ALL.iter().map(move |code| limit(*code, confirmed));
        let page = |total, confirmed, may_keep| Self {
            standing: standing(total),
            limits: limits(confirmed).collect(),
            may_keep,
        };
        let before = Standing { thresholds: Vec::new(), ..standing(3) };
        vec![
            page(120, false, true),
            page(9_400, true, false),
            page(10_001, true, true),
            page(600_000, true, true),
            Self { standing: before, limits: Vec::new(), may_keep: false },
        ]
    }
}

impl View for SizeBar {
    const TEMPLATE: &'static str = "accountability/bar.html";

    fn samples() -> Vec<Self> {
        [12, 9_400, 600_000].map(|total| Self { standing: standing(total) }).into()
    }
}

impl View for LimitPage {
    const TEMPLATE: &'static str = "accountability/limit.html";

    fn samples() -> Vec<Self> {
        let page = |code: LimitCode, may_keep, errors| Self {
            code,
            form: LimitForm::of(&limit(code, true), day()),
            errors,
            history: vec![limit(code, true), limit(code, false)],
            may_keep,
        };
        let each = LimitCode::ALL.iter().map(|code| page(*code, false, FieldErrors::new()));
        let mut all: Vec<Self> = each.collect();
        let errors =
            wrong(&[("value", "accountability-error-value"), ("password", "workdays-error-proof")]);
        all.push(page(LimitCode::SmallPeople, true, errors));
        all
    }
}

fn learner(standing: training::Standing, confirmed: bool) -> Learner {
    Learner {
        name: "A. B.".to_owned(),
        role: Role::Doctor,
        confirmed: confirmed.then(|| Confirmed {
            version: 1,
            language: "kk".to_owned(),
            at: moment(),
        }),
        due: day(),
        standing,
    }
}

fn learners() -> Vec<Learner> {
    let all = training::Standing::ALL.iter();
    all.map(|standing| learner(*standing, *standing != training::Standing::Waiting)).collect()
}

impl View for TrainingPage {
    const TEMPLATE: &'static str = "accountability/training.html";

    fn samples() -> Vec<Self> {
        let version = |by: Option<&str>| StaffRules {
            version: 1,
            text_ru: "A".to_owned(),
            text_kk: "B".to_owned(),
            made_at: moment(),
            made_by: by.map(str::to_owned),
        };
        let errors = wrong(&[
            ("text_ru", "accountability-error-empty"),
            ("text_kk", "accountability-error-long"),
        ]);
        let full = Self {
            learners: learners(),
            overdue: 1,
            versions: vec![version(Some("A. B.")), version(None)],
            form: RulesForm::default(),
            errors,
            may_keep: true,
        };
        let empty = Self {
            learners: Vec::new(),
            overdue: 0,
            versions: Vec::new(),
            form: RulesForm::default(),
            errors: FieldErrors::new(),
            may_keep: false,
        };
        vec![full, empty]
    }
}

impl View for MyRulesPage {
    const TEMPLATE: &'static str = "accountability/my_rules.html";

    fn samples() -> Vec<Self> {
        let page = |learner, errors| Self {
            version: 1,
            paragraphs: vec!["A".to_owned(), "B".to_owned()],
            written_in: "ru",
            learner,
            errors,
        };
        let mut all: Vec<Self> =
            learners().into_iter().map(|one| page(one, FieldErrors::new())).collect();
        let errors = wrong(&[("read", "accountability-error-read")]);
        all.push(page(learner(training::Standing::Waiting, false), errors));
        all
    }
}

impl View for MyRulesCard {
    const TEMPLATE: &'static str = "accountability/my_rules_card.html";

    fn samples() -> Vec<Self> {
        learners().into_iter().map(|learner| Self { learner }).collect()
    }
}
