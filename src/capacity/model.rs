//! To what use each minute was put: pure.
//!
//! Every minute of the branch's hours goes to the first that claims it, in the
//! order of [`classify`]; so none is counted twice and none is missing.

use serde::Serialize;

use crate::ids::AppointmentId;
use crate::schedule::Span;

#[cfg(test)]
mod tests;

/// Why time was idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody was to work then, or in that chair; breaks too.
    NoShift,
    /// There would have been a shift, but the doctor was away, or the chair out of order.
    Absent,
    NoShow,
    /// Cancelled with less notice than the clinic's rule.
    LateCancel,
    /// Booked longer than the visit took, or a gap too short for any service.
    WrongDuration,
    /// Kept free around a visit: preparing, cleaning.
    Buffer,
    Unsold,
}

/// What became of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// A patient had it, or is to have it.
    Used,
    Idle(Cause),
}

/// How a booked visit turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Still to come, under way, or done. `ended`: minute of the day at which
    /// it was said to be done, where that was within its time.
    Kept {
        ended: Option<u16>,
    },
    NoShow,
    LateCancel,
}

/// A visit on a day of one doctor or place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    pub id: AppointmentId,
    pub span: Span,
    pub outcome: Outcome,
}

/// A day of one doctor or place.
#[derive(Clone, Debug, Default)]
pub struct DayFacts {
    /// The branch's hours; None: it was closed.
    pub open: Option<Span>,
    /// Hours of work, breaks left out.
    pub shifts: Vec<Span>,
    /// Parts of what would have been shifts.
    pub absent: Vec<Span>,
    /// Visits with all that is kept free around them.
    pub reserved: Vec<Span>,
    pub visits: Vec<Visit>,
    /// The shortest service, in minutes.
    pub shortest: u16,
}

/// Some minutes of one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    pub span: Span,
    pub what: Use,
    /// The appointment behind it, where there is one.
    pub visit: Option<AppointmentId>,
}

impl Cause {
    pub const ALL: [Self; 7] = [
        Self::NoShift,
        Self::Absent,
        Self::NoShow,
        Self::LateCancel,
        Self::WrongDuration,
        Self::Buffer,
        Self::Unsold,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::NoShift => "no-shift",
            Self::Absent => "absent",
            Self::NoShow => "no-show",
            Self::LateCancel => "late-cancel",
            Self::WrongDuration => "wrong-duration",
            Self::Buffer => "buffer",
            Self::Unsold => "unsold",
        }
    }
}

impl Visit {
    /// The part in which there was a patient, and the part that was over early.
    fn parts(&self) -> (Option<Span>, Option<Span>) {
        let Outcome::Kept { ended } = self.outcome else { return (None, None) };
        let ended = ended.unwrap_or(self.span.ends).clamp(self.span.starts, self.span.ends);
        (Span::new(self.span.starts, ended), Span::new(ended, self.span.ends))
    }
}

/// What nobody has claimed yet, and what was.
struct Claims {
    rest: Vec<Span>,
    taken: Vec<Stretch>,
}

impl Claims {
    fn claim(&mut self, span: Span, what: Use, visit: Option<AppointmentId>) {
        let common = self.rest.iter().filter_map(|rest| rest.common(span));
        self.taken.extend(common.map(|span| Stretch { span, what, visit }));
        self.rest = self.rest.iter().flat_map(|rest| rest.without(span)).collect();
    }

    fn claim_idle(&mut self, spans: &[Span], cause: Cause) {
        for span in spans {
            self.claim(*span, Use::Idle(cause), None);
        }
    }
}

/// The day's hours, each minute in exactly one stretch, in order.
pub fn classify(day: &DayFacts) -> Vec<Stretch> {
    let mut claims = Claims { rest: day.open.into_iter().collect(), taken: Vec::new() };
    for visit in &day.visits {
        if let (Some(span), _) = visit.parts() {
            claims.claim(span, Use::Used, Some(visit.id));
        }
    }
    for visit in &day.visits {
        if let (_, Some(span)) = visit.parts() {
            claims.claim(span, Use::Idle(Cause::WrongDuration), Some(visit.id));
        }
    }
    claims.claim_idle(&day.reserved, Cause::Buffer);
    claims.claim_idle(&day.absent, Cause::Absent);
    claims.claim_idle(&outside(day), Cause::NoShift);
    for (outcome, cause) in
        [(Outcome::NoShow, Cause::NoShow), (Outcome::LateCancel, Cause::LateCancel)]
    {
        for visit in day.visits.iter().filter(|visit| visit.outcome == outcome) {
            claims.claim(visit.span, Use::Idle(cause), Some(visit.id));
        }
    }
    for gap in std::mem::take(&mut claims.rest) {
        let short = gap.minutes() < day.shortest;
        let cause = if short { Cause::WrongDuration } else { Cause::Unsold };
        claims.taken.push(Stretch { span: gap, what: Use::Idle(cause), visit: None });
    }
    claims.taken.sort_by_key(|stretch| stretch.span.starts);
    claims.taken
}

/// The branch's hours without the shifts.
fn outside(day: &DayFacts) -> Vec<Span> {
    let all = day.open.into_iter().collect();
    day.shifts.iter().fold(all, |rest: Vec<Span>, shift| {
        rest.iter().flat_map(|span| span.without(*shift)).collect()
    })
}

/// Minutes and money of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub used: u64,
    /// Minutes and tiyn, as in [`Cause::ALL`].
    pub idle: [(u64, i64); 7],
}

impl Tally {
    pub fn add(&mut self, stretch: &Stretch, tiyn: i64) {
        let minutes = u64::from(stretch.span.minutes());
        match stretch.what {
            Use::Used => self.used += minutes,
            Use::Idle(cause) => {
                let place = Cause::ALL.iter().position(|one| *one == cause);
                let sum = &mut self.idle[place.expect("all causes are in the list")];
                sum.0 += minutes;
                sum.1 += tiyn;
            }
        }
    }

    pub fn and(&mut self, other: &Self) {
        self.used += other.used;
        for (sum, more) in self.idle.iter_mut().zip(other.idle) {
            sum.0 += more.0;
            sum.1 += more.1;
        }
    }

    pub fn idle_minutes(&self) -> u64 {
        self.idle.iter().map(|(minutes, _)| minutes).sum()
    }

    pub fn tiyn(&self) -> i64 {
        self.idle.iter().map(|(_, tiyn)| tiyn).sum()
    }
}

/// Shares in tenths of a per cent that make 1000 together; nothing of nothing.
/// What rounding leaves over goes to the largest remainders.
pub fn shares(parts: &[u64]) -> Vec<u64> {
    let whole: u64 = parts.iter().sum();
    if whole == 0 {
        return vec![0; parts.len()];
    }
    let mut shares: Vec<u64> = parts.iter().map(|part| part * 1000 / whole).collect();
    let left = 1000 - shares.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(parts[*at] * 1000 % whole));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[at] += 1;
    }
    shares
}
