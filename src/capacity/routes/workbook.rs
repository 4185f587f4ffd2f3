//! The period as a spreadsheet: the load, the causes, and each stretch of each
//! day. It names doctors and chairs, never a patient. Texts are written as
//! texts, never as formulas.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::capacity::Load;
use crate::capacity::model::{Cause, Tally, Use};
use crate::i18n::dates;
use crate::pages::inert;
use crate::schedule::minute_text;

/// Rows of a sheet, its head included.
const ROWS: usize = 1_048_576;

/// The bytes of an XLSX file. `say` gives the word of a key.
pub(super) fn xlsx(loads: &[Load], say: &impl Fn(&str) -> String) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    load_sheet(book.add_worksheet(), loads, say)?;
    cause_sheet(book.add_worksheet(), loads, say)?;
    stretch_sheet(book.add_worksheet(), loads, say)?;
    book.save_to_buffer()
}

fn head(sheet: &mut Worksheet, name: &str, titles: &[String]) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    let bold = Format::new().set_bold();
    for (column, title) in (0..).zip(titles) {
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn group(load: &Load) -> &'static str {
    if load.is_doctor { "capacity-doctors" } else { "capacity-places" }
}

fn load_sheet(
    sheet: &mut Worksheet,
    loads: &[Load],
    say: &impl Fn(&str) -> String,
) -> Result<(), XlsxError> {
    let mut titles = vec![say("capacity-kind"), say("capacity-who")];
    titles.extend([say("capacity-used-minutes"), say("capacity-idle-minutes")]);
    titles.extend([say("capacity-idle-price"), say("capacity-hour"), say("capacity-basis")]);
    head(sheet, &say("capacity-load"), &titles)?;
    for (row, load) in (1..).zip(loads) {
        sheet.write_string(row, 0, say(group(load)))?;
        sheet.write_string(row, 1, inert(&load.name))?;
        sheet.write_number(row, 2, count(load.tally.used))?;
        sheet.write_number(row, 3, count(load.tally.idle_minutes()))?;
        sheet.write_number(row, 4, tenge(load.tally.tiyn()))?;
        sheet.write_number(row, 5, tenge(load.rate.hour()))?;
        sheet.write_string(row, 6, say(&format!("capacity-basis-{}", load.rate.basis.name())))?;
    }
    Ok(())
}

fn cause_sheet(
    sheet: &mut Worksheet,
    loads: &[Load],
    say: &impl Fn(&str) -> String,
) -> Result<(), XlsxError> {
    let titles = ["kind", "cause", "idle-minutes", "idle-price"];
    let titles = titles.map(|title| say(&format!("capacity-{title}")));
    head(sheet, &say("capacity-causes"), &titles)?;
    let mut row = 1;
    for doctors in [true, false] {
        let (mut sum, mut kind) = (Tally::default(), "");
        for load in loads.iter().filter(|one| one.is_doctor == doctors) {
            sum.and(&load.tally);
            kind = group(load);
        }
        for (cause, (minutes, tiyn)) in Cause::ALL.iter().zip(sum.idle) {
            if kind.is_empty() {
                continue;
            }
            sheet.write_string(row, 0, say(kind))?;
            sheet.write_string(row, 1, say(&format!("capacity-{}", cause.name())))?;
            sheet.write_number(row, 2, count(minutes))?;
            sheet.write_number(row, 3, tenge(tiyn))?;
            row += 1;
        }
    }
    Ok(())
}

fn stretch_sheet(
    sheet: &mut Worksheet,
    loads: &[Load],
    say: &impl Fn(&str) -> String,
) -> Result<(), XlsxError> {
    let titles = ["day", "who", "from", "until", "minutes", "use", "idle-price"];
    let titles = titles.map(|title| say(&format!("capacity-{title}")));
    head(sheet, &say("capacity-stretches"), &titles)?;
    let all = loads.iter().flat_map(|load| load.stretches.iter().map(move |one| (load, one)));
    for (row, (load, one)) in (1..).zip(all.take(ROWS - 1)) {
        let span = one.stretch.span;
        let what = match one.stretch.what {
            Use::Used => "used",
            Use::Idle(cause) => cause.name(),
        };
        sheet.write_string(row, 0, dates::numeric(one.day))?;
        sheet.write_string(row, 1, inert(&load.name))?;
        sheet.write_string(row, 2, minute_text(span.starts))?;
        sheet.write_string(row, 3, minute_text(span.ends))?;
        sheet.write_number(row, 4, f64::from(span.minutes()))?;
        sheet.write_string(row, 5, say(&format!("capacity-{what}")))?;
        sheet.write_number(row, 6, tenge(one.tiyn))?;
    }
    Ok(())
}

fn count(minutes: u64) -> f64 {
    f64::from(u32::try_from(minutes).unwrap_or(u32::MAX))
}

fn tenge(tiyn: i64) -> f64 {
    let whole = i32::try_from(tiyn / 100).unwrap_or(i32::MAX);
    f64::from(whole) + f64::from(i32::try_from(tiyn % 100).unwrap_or(0)) / 100.0
}
