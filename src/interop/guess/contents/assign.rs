//! Columns whose title says nothing get their meaning by their cells.

use super::{Contents, count};
use crate::interop::guess::{Field, Kind, Layout};

/// How much of a column's cells look like something, 0 to 1.
type Share = fn(&Contents) -> f64;

/// Gives meaning to columns whose title says nothing, by their cells.
pub(in crate::interop::guess) fn assign(
    layout: &mut Layout,
    contents: &[Contents],
    kind: Option<Kind>,
) {
    let untitled = layout.header_row.is_none();
    let give = |field: Field, least: f64, score: &dyn Fn(&Contents) -> f64, layout: &mut Layout| {
        if layout.has(field) {
            return;
        }
        let mut best = (least, None);
        for (at, seen) in contents.iter().enumerate() {
            let free = layout.columns[at].is_none() && seen.filled >= if untitled { 1 } else { 3 };
            if free && score(seen) > best.0 {
                best = (score(seen), Some(at));
            }
        }
        if let (_, Some(at)) = best {
            layout.columns[at] = Some(field);
        }
    };
    let has_whom = layout.has(Field::Patient) || layout.has(Field::Surname);
    give(Field::Iin, 0.5, &|seen| seen.iin, layout);
    give(Field::Phone, 0.4, &|seen| seen.phone - seen.iin, layout);
    // «Нөмірі», «№»: the cells say which number is meant.
    let by_cells: [(Field, Share); 2] =
        [(Field::Phone, |seen| seen.phone - seen.iin), (Field::Iin, |seen| seen.iin)];
    for (field, share) in by_cells {
        let numbered = |at: &usize| {
            matches!(layout.columns[*at], Some(Field::Ignored | Field::CardNo))
                && contents[*at].filled > 2
                && share(&contents[*at]) > 0.6
        };
        if !layout.has(field)
            && let Some(at) = (0..contents.len()).find(numbered)
        {
            layout.columns[at] = Some(field);
        }
    }
    if kind == Some(Kind::Prices) {
        give(Field::Service, 0.4, &|seen| seen.words * seen.distinct, layout);
        give(Field::Sum, 0.4, &|seen| price_like(seen), layout);
        give(
            Field::Duration,
            0.6,
            &|seen| if seen.mean_number < 400.0 { seen.length } else { 0.0 },
            layout,
        );
        return;
    }
    let apart = layout.has(Field::Date) && layout.has(Field::Time);
    if !apart {
        give(Field::DateTime, 0.5, &|seen| seen.date_and_time, layout);
    }
    if !layout.has(Field::DateTime) {
        if kind != Some(Kind::People) {
            give(Field::Time, 0.5, &|seen| if seen.date > 0.5 { 0.0 } else { seen.time }, layout);
            give(
                Field::Date,
                0.5,
                &|seen| if seen.old_dates > 0.5 { 0.0 } else { seen.date },
                layout,
            );
        }
        give(Field::BirthDate, 0.5, &|seen| seen.date, layout);
    }
    if !has_whom {
        give(Field::Patient, 0.4, &|seen| seen.name * (0.3 + seen.distinct), layout);
    }
    if !untitled {
        // «Что делаем»: a few texts over and over, which name nobody.
        let service = |seen: &Contents| {
            let several = seen.distinct < 0.5 && seen.distinct * count(seen.filled) >= 3.5;
            if several && seen.status < 0.3 { seen.words * (1.0 - seen.name) } else { 0.0 }
        };
        give(Field::Service, 0.6, &service, layout);
        return;
    }
    give(
        Field::Status,
        0.5,
        &|seen| if seen.distinct < 0.7 || seen.filled < 8 { seen.status } else { 0.0 },
        layout,
    );
    give(Field::Doctor, 0.4, &|seen| seen.name, layout);
    give(Field::Sum, 0.5, &|seen| price_like(seen), layout);
    give(Field::Service, 0.4, &|seen| seen.words * (1.0 - seen.distinct * 0.3), layout);
    if layout.has(Field::Service) && !layout.has(Field::Patient) {
        give(
            Field::Duration,
            0.6,
            &|seen| if seen.mean_number < 400.0 { seen.length } else { 0.0 },
            layout,
        );
    }
    give(Field::Comment, 0.3, &|seen| seen.words, layout);
}

/// Repairs what only the whole shows: one name column called «Имя», a journal
/// whose «Оплата» holds the sums.
pub(in crate::interop::guess) fn settle(layout: &mut Layout, contents: &[Contents]) {
    let swap = |layout: &mut Layout, from: Field, to: Field| {
        if let Some(at) = layout.column(from) {
            layout.columns[at] = Some(to);
        }
    };
    if layout.has(Field::Given) && !layout.has(Field::Surname) && !layout.has(Field::Patient) {
        swap(layout, Field::Given, Field::Patient);
    } else if layout.has(Field::Given) && layout.has(Field::Patient) && !layout.has(Field::Surname)
    {
        swap(layout, Field::Given, Field::Ignored);
    }
    if layout.has(Field::Surname) && !layout.has(Field::Given) && !layout.has(Field::Patient) {
        swap(layout, Field::Surname, Field::Patient);
    }
    if layout.kind == Kind::People && layout.has(Field::Date) && !layout.has(Field::BirthDate) {
        let born = layout.column(Field::Date).is_some_and(|at| contents[at].old_dates > 0.3);
        swap(layout, Field::Date, if born { Field::BirthDate } else { Field::Ignored });
    }
    if !layout.has(Field::Sum) {
        let paid = layout.column(Field::Payment).filter(|at| contents[*at].sum > 0.5);
        if paid.is_some() {
            swap(layout, Field::Payment, Field::Sum);
        }
    }
    if layout.kind == Kind::Prices && !layout.has(Field::Service) {
        for from in [Field::Patient, Field::Section, Field::Comment] {
            if !layout.has(Field::Service) {
                swap(layout, from, Field::Service);
            }
        }
    }
}

fn price_like(seen: &Contents) -> f64 {
    let large = if seen.mean_number >= 500.0 || seen.money_sign > 0.2 { 1.0 } else { 0.5 };
    if seen.running > 0.8 { 0.0 } else { seen.sum * large }
}
