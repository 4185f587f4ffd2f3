//! The day as a picture: rows of five minutes, and lanes where entries overlap.

use serde::{Deserialize, Serialize};

use crate::booking::slots::Span;
use crate::clock::Civil;

/// Minutes of one row.
const ROW: i64 = 5;

/// More than so many entries side by side share the last lane.
const MOST_LANES: usize = 4;

/// The hours that the grid of a day shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub from: u32,
    /// Until before this hour, 24 at most.
    pub to: u32,
}

impl Hours {
    /// Whole hours around all of these, nine to six when there are none.
    pub fn around(spans: impl IntoIterator<Item = Span>) -> Self {
        let bounds = spans.into_iter().map(|span| {
            let from = u32::from(span.starts.minute_of_day()) / 60;
            let to = if span.starts.day() == span.ends.day() {
                u32::from(span.ends.minute_of_day()).div_ceil(60)
            } else {
                24
            };
            (from, to)
        });
        bounds
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .map_or(Self { from: 9, to: 18 }, |(from, to)| Self { from, to: to.max(from + 1) })
    }
}

/// How high a row is drawn, so that the shortest entry is still a target of
/// 24 px (WCAG 2.2, 2.5.8): `--slot` in web/css/schedule.css.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// 6 px.
    #[default]
    Usual,
    /// 9 px: on days with short visits.
    Fine,
}

impl Scale {
    /// What is needed for entries of these lengths, in minutes.
    pub fn showing(lengths: impl IntoIterator<Item = i64>) -> Self {
        let short = lengths.into_iter().any(|minutes| minutes < Self::Usual.least());
        if short { Self::Fine } else { Self::Usual }
    }

    /// The shortest stretch that is high enough, in minutes: rows of it less
    /// two pixels of margin.
    pub fn least(self) -> i64 {
        match self {
            Self::Usual => 25,
            Self::Fine => 15,
        }
    }

    /// How far an entry is drawn: what is shorter than the least reaches over
    /// its end, and what begins there stands beside it.
    pub fn drawn(self, span: Span) -> Span {
        let least = span.starts.plus_minutes(self.least());
        Span { ends: span.ends.max(least), ..span }
    }

    /// The part of a gap that no drawn entry covers; None when it is too low
    /// to be a target. `entries` are as they are drawn.
    pub fn uncovered(self, gap: Span, entries: &[Span]) -> Option<Span> {
        let covering = entries.iter().filter(|entry| entry.overlaps(gap));
        let starts = covering.map(|entry| entry.ends).fold(gap.starts, Civil::max);
        let left = Span { starts, ..gap };
        (starts < gap.ends && self.least() <= left.minutes()).then_some(left)
    }
}

/// What all columns of a day have in common.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub hours: Hours,
    pub scale: Scale,
}

/// Row, from 1, and length in rows, at least 1, of a stretch in a grid that
/// begins at `day_start`.
pub fn rows(day_start: Civil, span: Span) -> (u32, u32) {
    let offset = span.starts.minutes_since(day_start).max(0);
    let rows = (span.minutes() + ROW - 1) / ROW;
    let row = u32::try_from(offset / ROW + 1).unwrap_or(1);
    (row, u32::try_from(rows.max(1)).unwrap_or(1))
}

/// For each entry, which of how many lanes it stands in, both from 1; `(1, 1)`
/// when it stands alone. Entries are sorted by their start.
pub fn lanes(spans: &[Span]) -> Vec<(usize, usize)> {
    let mut placed = vec![(1, 1); spans.len()];
    let mut cluster: Vec<usize> = Vec::new();
    let mut lane_ends: Vec<Civil> = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        if lane_ends.iter().all(|end| *end <= span.starts) {
            close(&mut placed, &mut cluster, &mut lane_ends);
        }
        let lane = lane_ends.iter().position(|end| *end <= span.starts);
        let lane = lane.unwrap_or_else(|| {
            lane_ends.push(span.ends);
            lane_ends.len() - 1
        });
        lane_ends[lane] = span.ends;
        placed[index].0 = lane + 1;
        cluster.push(index);
    }
    close(&mut placed, &mut cluster, &mut lane_ends);
    placed
}

/// All entries that overlap, directly or through others, share the width.
fn close(placed: &mut [(usize, usize)], cluster: &mut Vec<usize>, lane_ends: &mut Vec<Civil>) {
    let count = lane_ends.len().clamp(1, MOST_LANES);
    for index in cluster.drain(..) {
        placed[index] = (placed[index].0.min(count), count);
    }
    lane_ends.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(starts: &str, ends: &str) -> Span {
        let time = |text: &str| format!("2026-11-23T{text}").parse().unwrap();
        Span { starts: time(starts), ends: time(ends) }
    }

    #[test]
    fn entries_that_touch_stand_alone_and_those_that_overlap_share() {
        let day = [
            span("09:00", "10:00"),
            span("10:00", "11:00"),
            span("17:00", "17:45"),
            span("17:15", "17:45"),
            span("17:45", "18:00"),
        ];
        assert_eq!(lanes(&day), [(1, 1), (1, 1), (1, 2), (2, 2), (1, 1)]);
    }

    #[test]
    fn more_than_four_at_once_share_the_last_lane() {
        let day = [span("09:00", "10:00"); 6];
        let placed = lanes(&day);
        assert_eq!(placed.iter().map(|(lane, _)| *lane).collect::<Vec<_>>(), [1, 2, 3, 4, 4, 4]);
        assert!(placed.iter().all(|(_, of)| *of == 4));
    }

    #[test]
    fn whatever_is_drawn_is_24_pixels_high() {
        for (scale, slot) in [(Scale::Usual, 6), (Scale::Fine, 9)] {
            for minutes in [5, 10, 15, 20, 25, 30] {
                let end = format!("10:{:02}", minutes % 60);
                let drawn = scale.drawn(span("10:00", &end));
                let (_, rows) = rows(drawn.starts, drawn);
                assert!(24 <= rows * slot - 2, "{minutes} minutes in rows of {slot} px");
            }
        }
        assert_eq!(Scale::showing([30, 25, 60]), Scale::Usual);
        assert_eq!(Scale::showing([30, 20]), Scale::Fine);
    }

    #[test]
    fn a_gap_begins_below_what_is_drawn_over_it_or_is_no_target() {
        let short = Scale::Fine.drawn(span("10:00", "10:05"));
        let gap = span("10:05", "11:00");
        assert_eq!(Scale::Fine.uncovered(gap, &[short]), Some(span("10:15", "11:00")));
        assert_eq!(Scale::Fine.uncovered(span("10:05", "10:25"), &[short]), None);
        assert_eq!(
            Scale::Fine.uncovered(span("11:00", "11:15"), &[short]),
            Some(span("11:00", "11:15"))
        );
        assert_eq!(Scale::Usual.uncovered(span("11:00", "11:20"), &[]), None);
    }

    #[test]
    fn the_grid_shows_whole_hours_around_everything() {
        let hours = Hours::around([span("09:30", "13:00"), span("14:00", "18:05")]);
        assert_eq!(hours, Hours { from: 9, to: 19 });
        assert_eq!(Hours::around([]), Hours { from: 9, to: 18 });
        let start = "2026-11-23T09:00".parse().unwrap();
        assert_eq!(rows(start, span("09:00", "09:30")), (1, 6));
        assert_eq!(rows(start, span("10:05", "10:07")), (14, 1));
    }
}
