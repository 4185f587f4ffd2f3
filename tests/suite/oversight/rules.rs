//! T4.7 of SECURITY.md: each rule fires once on its misdeed and never on an
//! honest week.

use tirkeu::audit::findings::Rule;

use super::misdeeds::Kind;
use super::year;

#[tokio::test]
async fn an_honest_week_has_no_findings() {
    let limits = super::shipped_limits().await;
    let score = year::of_plan(11, 21, Vec::new(), &limits);
    let found: Vec<_> = score.findings.iter().map(|(one, _)| (one.rule, one.day)).collect();
    assert_eq!(found, [], "three weeks of honest work");
    assert!(2_000 < score.entries);
}

#[tokio::test]
async fn each_rule_fires_once_on_its_misdeed() {
    let limits = super::shipped_limits().await;
    let scenario = [
        (Kind::MassHour, Rule::MassViewing),
        (Kind::Lists, Rule::MassListing),
        (Kind::DoctorPries, Rule::NoRelation),
        (Kind::Night, Rule::OffHours),
        (Kind::Famous, Rule::WatchedCard),
        (Kind::Family, Rule::OwnFamily),
        (Kind::Colleague, Rule::Colleague),
        (Kind::Papers, Rule::ExportBurst),
        (Kind::Iins, Rule::UnmaskBurst),
        (Kind::Emergency, Rule::EmergencyOpen),
        (Kind::StolenPassword, Rule::NewDevice),
        (Kind::TwoPeople, Rule::TwoPlaces),
        (Kind::Guessing, Rule::Guessing),
        (Kind::NewRights, Rule::RoleThenExport),
        (Kind::SharedPhone, Rule::SharedPhone),
        (Kind::StaffPhone, Rule::StaffPhone),
        (Kind::Clock, Rule::ClockBack),
        (Kind::Anchor, Rule::AnchorOverdue),
        (Kind::Denials, Rule::ManyDenials),
    ];
    for (kind, rule) in scenario {
        // Day 8 is a Tuesday; the week before makes the usual.
        let score = year::of_plan(11, 15, vec![(kind, rule, 8)], &limits);
        let found = score.findings.iter().filter(|(one, _)| one.rule == rule).count();
        assert_eq!(found, 1, "{kind:?}: {:?}", score.findings);
        let others = score.findings.iter().filter(|(_, about)| about.is_none()).count();
        assert_eq!(others, 0, "{kind:?} wakes nothing else: {:?}", score.findings);
    }
}

#[tokio::test]
async fn who_leaves_and_who_has_left_are_looked_at_more_closely() {
    let limits = super::shipped_limits().await;
    for (kind, rule, of_year) in [
        (Kind::LeaverPapers, Rule::Leaving, 203),
        (Kind::LeaverCards, Rule::Leaving, 203),
        (Kind::Ghost, Rule::AfterLeaving, 240),
    ] {
        let score = year::of_plan(11, of_year + 2, vec![(kind, rule, of_year)], &limits);
        let found = score.findings.iter().filter(|(one, _)| one.rule == rule).count();
        assert_eq!(found, 1, "{kind:?}");
    }
}
