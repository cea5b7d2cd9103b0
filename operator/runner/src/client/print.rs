//! Answers as the MySQL client prints them.
//!
//! The forms are those of `print_table_data`, `print_tab_data` and `print_table_data_vertically` of the client's
//! `mysql.cc`; a test compares them with Debian's client byte by byte.

use super::options::Format;
use crate::gate::Column;
use std::io::{self, Write};
use unicode_width::UnicodeWidthChar;

/// A value; `None` is NULL.
type Value = Option<Vec<u8>>;

/// A printer of one answer, whose rows come one by one.
#[derive(Debug)]
pub enum Printer {
    /// A line for each row, values separated by tabs.
    Lines {
        /// The names, until they have been printed.
        names: Option<Vec<Column>>,
        /// Whether values are printed as they are.
        raw: bool,
    },
    /// A line for each value.
    Vertical {
        /// The columns.
        columns: Vec<Column>,
        /// Whether names are printed.
        names: bool,
        /// Rows so far.
        count: usize,
    },
    /// A frame around all, which needs all rows to know its widths.
    Table {
        /// The columns.
        columns: Vec<Column>,
        /// Whether names are printed.
        names: bool,
        /// The rows so far.
        rows: Vec<Vec<Value>>,
    },
}

impl Printer {
    /// A printer in the form that the options ask for.
    pub fn new(columns: Vec<Column>, format: Format, vertical: bool) -> Self {
        if vertical || format.vertical {
            Self::Vertical { columns, names: format.names, count: 0 }
        } else if format.table {
            Self::Table { columns, names: format.names, rows: Vec::new() }
        } else {
            // What isn't typed at a terminal is silent once already, and names are for those who are not silent twice.
            let names = format.names && format.silent == 0;
            Self::Lines { names: names.then_some(columns), raw: format.raw }
        }
    }

    /// Prints a row, or keeps it for the end.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn row(&mut self, row: Vec<Value>, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Lines { names, raw } => {
                if let Some(columns) = names.take() {
                    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                    writeln!(out, "{}", names.join("\t"))?;
                }
                let raw = *raw;
                line(&row, raw, out)
            }
            Self::Vertical { columns, names, count } => {
                *count += 1;
                vertical(columns, *names, &row, *count, out)
            }
            Self::Table { rows, .. } => {
                rows.push(row);
                Ok(())
            }
        }
    }

    /// Prints what is left.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn finish(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Table { columns, names, rows } if !rows.is_empty() => table(&columns, names, &rows, out),
            _ => Ok(()),
        }
    }
}

fn line(row: &[Value], raw: bool, out: &mut impl Write) -> io::Result<()> {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            out.write_all(b"\t")?;
        }
        match value {
            None => out.write_all(b"NULL")?,
            Some(value) if raw => out.write_all(value)?,
            Some(value) => escaped(value, out)?,
        }
    }
    out.write_all(b"\n")
}

fn escaped(value: &[u8], out: &mut impl Write) -> io::Result<()> {
    for byte in value {
        match byte {
            0 => out.write_all(b"\\0")?,
            b'\t' => out.write_all(b"\\t")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\\' => out.write_all(b"\\\\")?,
            _ => out.write_all(&[*byte])?,
        }
    }
    Ok(())
}

fn vertical(
    columns: &[Column],
    names: bool,
    row: &[Value],
    number: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    let width = columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
    writeln!(out, "*************************** {number}. row ***************************")?;
    for (column, value) in columns.iter().zip(row) {
        if names {
            let space = width - column.name.len();
            write!(out, "{:space$}{}: ", "", column.name)?;
        }
        match value {
            None => out.write_all(b"NULL")?,
            Some(value) => out.write_all(&without_nul(value))?,
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Tables and lines of values have spaces for NUL.
fn without_nul(value: &[u8]) -> Vec<u8> {
    value.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect()
}

/// Columns that are wider are cut at the right by nobody, and are not padded.
const WIDEST: usize = 1024;

fn table(columns: &[Column], names: bool, rows: &[Vec<Value>], out: &mut impl Write) -> io::Result<()> {
    let widths: Vec<usize> =
        columns.iter().enumerate().map(|(at, column)| width(column, at, names, rows)).collect();
    let mut frame = String::from("+");
    for width in &widths {
        frame.push_str(&"-".repeat(width + 2));
        frame.push('+');
    }
    writeln!(out, "{frame}")?;
    if names {
        write!(out, "|")?;
        for (column, width) in columns.iter().zip(&widths) {
            let space = width.min(&WIDEST).saturating_sub(cells(column.name.as_bytes()));
            write!(out, " {}{:space$} |", column.name, "")?;
        }
        writeln!(out, "\n{frame}")?;
    }
    for row in rows {
        write!(out, "|")?;
        for ((column, value), width) in columns.iter().zip(row).zip(&widths) {
            let value = value.as_deref().unwrap_or(b"NULL");
            let space = width.min(&WIDEST).saturating_sub(cells(value));
            let (left, right) = if column.is_number { (space, 0) } else { (0, space) };
            write!(out, " {:left$}", "")?;
            out.write_all(&without_nul(value))?;
            write!(out, "{:right$} |", "")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{frame}")
}

/// The longest value in bytes; a column that can be NULL has room for the word.
fn width(column: &Column, at: usize, names: bool, rows: &[Vec<Value>]) -> usize {
    let longest = rows.iter().filter_map(|row| row.get(at)?.as_ref()).map(Vec::len).max().unwrap_or(0);
    let name = if names { column.name.len() } else { 0 };
    let least = if column.is_never_null { 0 } else { 4 };
    longest.max(name).max(least)
}

/// How many cells of a terminal the client thinks that a text takes: one or two for each character, as `my_numcells_mb` of
/// its `strings/ctype-utf8.c` counts them. Marks that combine have one, and beyond the first plane only ideographs two.
fn cells(value: &[u8]) -> usize {
    let cells = |character: char| match u32::from(character) {
        0x2_0000..=0x3_fffd => 2,
        0x1_0000.. => 1,
        _ => usize::from(character.width() == Some(2)) + 1,
    };
    String::from_utf8_lossy(value).chars().map(cells).sum()
}
