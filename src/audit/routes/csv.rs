//! Files of cells that a spreadsheet opens, and none that it runs.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::web::Problem;

/// Rows as UTF-8 with a mark in front, which Excel needs to read Cyrillic.
pub(super) fn file(name: &str, rows: Vec<Vec<String>>) -> Result<Response, Problem> {
    let mut writer = ::csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    for row in rows {
        let cells = row.iter().map(|cell| safe(cell));
        writer.write_record(cells).map_err(|error| Problem::Internal(Box::new(error)))?;
    }
    let body = writer.into_inner().map_err(|error| Problem::Internal(error.to_string().into()))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, body).into_response())
}

/// A cell that begins like a formula is made text (OWASP, CSV injection).
fn safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{cell}");
    }
    cell.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        assert_eq!(safe("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(safe("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(safe("10.0.4.21"), "10.0.4.21");
    }
}
