//! Tables as a workbook: one sheet each. Numbers are numbers, days are days, and no text is ever a formula.

use bytes::Bytes;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use futures_util::TryStreamExt;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::table::{Cell, Row, Table};
use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::large_work;

/// The most rows of a workbook. All are in memory until it is written: some 20 MiB.
const MOST_ROWS: usize = 5_000;

/// The widest column, in pixels.
const WIDEST: u32 = 400;

/// Returns the tables as a workbook; 422 if they have more than 5,000 rows. The same tables and the same `created` give the
/// same bytes.
pub async fn workbook(tables: Vec<Table>, created: DateTime<Utc>) -> Result<Bytes, Error> {
    let _turn = large_work::workbook().await?;
    let mut workbook = Workbook::new();
    let created = day(created.max(DateTime::UNIX_EPOCH).date_naive()).or_internal()?;
    workbook.set_properties(&DocProperties::new().set_author("iku").set_creation_datetime(&created));
    let mut total = 0;
    for Table {
        title,
        columns,
        mut parts,
    } in tables
    {
        let sheet = workbook.add_worksheet();
        begin(sheet, title, &columns).or_internal()?;
        let mut line = 1;
        while let Some(rows) = parts.try_next().await? {
            total += rows.len();
            if total > MOST_ROWS {
                return Err(too_many());
            }
            for row in &rows {
                write(sheet, line, row).or_internal()?;
                line += 1;
            }
        }
        sheet.set_autofit_max_width(WIDEST).autofit();
    }
    let saved = tokio::task::spawn_blocking(move || workbook.save_to_buffer());
    Ok(saved.await.or_internal()?.or_internal()?.into())
}

fn too_many() -> Error {
    Error::new(Code::TooExpensive).detail(
        format!(
            "XLSX memuat paling banyak {MOST_ROWS} baris. Persempit pilihannya, atau pakai CSV, yang tidak dibatasi."
        ),
        format!("XLSX holds at most {MOST_ROWS} rows. Ask for less, or take CSV, which has no limit."),
    )
}

fn begin(sheet: &mut Worksheet, title: &str, columns: &[String]) -> Result<(), XlsxError> {
    sheet.set_name(title)?;
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(columns) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn write(sheet: &mut Worksheet, line: u32, row: &Row) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(row) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => drop(sheet.write_string(line, column, text)?),
            // The nearest double shows the same digits: no number here has more than 15.
            Cell::Number(number) => match number.parse::<f64>() {
                Ok(number) => drop(sheet.write_number(line, column, number)?),
                Err(_) => drop(sheet.write_string(line, column, number)?),
            },
            Cell::Day(date) => match day(*date) {
                Ok(day) => {
                    let of_days = Format::new().set_num_format("yyyy-mm-dd");
                    sheet.write_datetime_with_format(line, column, &day, &of_days)?;
                }
                // A workbook has no days before 1900.
                Err(_) => drop(sheet.write_string(line, column, date.to_string())?),
            },
        }
    }
    Ok(())
}

fn day(date: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let year = u16::try_from(date.year()).unwrap_or(u16::MAX);
    let (month, day) = (date.month(), date.day());
    ExcelDateTime::from_ymd(year, u8::try_from(month).unwrap_or(0), u8::try_from(day).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use futures_util::stream::{StreamExt, iter};

    use super::*;

    fn table(rows: usize) -> Table {
        let parts = (0..rows / 500).map(|_| Ok(vec![vec![Cell::text("x"), Cell::from(1_u64)]; 500]));
        Table::new("Uji", ["a", "b"], iter(parts.collect::<Vec<_>>()).boxed_local())
    }

    #[actix_web::test]
    async fn more_rows_than_a_workbook_holds_are_refused() {
        let at = DateTime::UNIX_EPOCH;
        assert!(workbook(vec![table(MOST_ROWS)], at).await.is_ok());
        for tables in [vec![table(MOST_ROWS + 500)], vec![table(MOST_ROWS), table(500)]] {
            let refused = workbook(tables, at).await.unwrap_err();
            assert_eq!(refused.code, Code::TooExpensive);
            assert!(refused.detail.is_some_and(|text| text.en.contains("5000 rows")));
        }
    }

    #[actix_web::test]
    async fn the_same_tables_give_the_same_bytes() {
        let once = workbook(vec![table(500)], DateTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(workbook(vec![table(500)], DateTime::UNIX_EPOCH).await.unwrap(), once);
    }
}
