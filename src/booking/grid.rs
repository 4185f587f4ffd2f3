//! The day as a picture: rows of five minutes, and lanes where entries overlap.

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
    fn the_grid_shows_whole_hours_around_everything() {
        let hours = Hours::around([span("09:30", "13:00"), span("14:00", "18:05")]);
        assert_eq!(hours, Hours { from: 9, to: 19 });
        assert_eq!(Hours::around([]), Hours { from: 9, to: 18 });
        let start = "2026-11-23T09:00".parse().unwrap();
        assert_eq!(rows(start, span("09:00", "09:30")), (1, 6));
        assert_eq!(rows(start, span("10:05", "10:07")), (14, 1));
    }
}
