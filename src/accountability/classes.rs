//! The list of personal data (law 94-V art. 25(2)(1-1)): which classes there
//! are, and in which columns of the database each of them really lies.

use crate::ids::words;

words! {
    /// A class of personal data, as the list and the policy name it.
    DataClass {
        Name = "name",
        /// Date of birth and sex.
        Birth = "birth",
        /// The IIN and what shows who somebody is.
        Identity = "identity",
        Contact = "contact",
        /// Medical secrets: restricted access by law.
        Health = "health",
        Visits = "visits",
        Messages = "messages",
        Consents = "consents",
        /// What people ask about their own data, blocks, breaches.
        Requests = "requests",
        /// Who works here: accounts, shifts, appointments to offices.
        Staff = "staff",
        /// Who did what, from where.
        Traces = "traces",
    }
}

words! {
    /// Whose data it is.
    Whose {
        Patients = "patients",
        /// Parents, guardians, whoever acts for a patient.
        Representatives = "representatives",
        /// Who asks about their own data and has no card.
        Applicants = "applicants",
        Staff = "staff",
    }
}

/// Each column of the database, with its classes.
const COLUMNS: &str = include_str!("columns.txt");

/// One column; no class when it holds nobody's data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
    pub class: Option<DataClass>,
}

/// Every column that is entered, once for each of its classes. A table without
/// personal data has one entry with the name `*`.
///
/// # Panics
/// When `columns.txt` names a class that there is not: a mistake in this
/// program, seen by every test.
pub fn columns() -> Vec<Column> {
    let lines = COLUMNS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.flat_map(of_table).collect()
}

fn of_table(line: &'static str) -> Vec<Column> {
    let mut words = line.split_whitespace();
    let table = words.next().unwrap_or_default();
    let column = |class: &str, name: &'static str| {
        let known = || DataClass::named(class).expect("columns.txt names classes that there are");
        Column { table, name, class: (class != "-").then(known) }
    };
    let group = |word: &'static str| match word.split_once('=') {
        Some((class, names)) => names.split(',').map(|name| column(class, name)).collect(),
        None => vec![column("-", "*")],
    };
    words.flat_map(group).collect::<Vec<_>>()
}

/// Where a class lies: `patient.name`, in the order of the tables.
pub fn places(class: DataClass) -> Vec<String> {
    let of_class = columns().into_iter().filter(|column| column.class == Some(class));
    of_class.map(|column| format!("{}.{}", column.table, column.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_lies_somewhere() {
        for class in DataClass::ALL {
            assert!(!places(*class).is_empty(), "{class:?}");
        }
        assert!(places(DataClass::Identity).contains(&"patient.iin".to_owned()));
    }

    #[test]
    fn no_column_is_both_personal_and_nobodys() {
        for column in columns() {
            let other = |one: &Column| {
                (one.table, one.name) == (column.table, column.name) && one.class.is_none()
            };
            assert!(
                column.class.is_none() || !columns().iter().any(other),
                "{}.{}",
                column.table,
                column.name
            );
        }
    }
}
