//! An answer as it comes from an FE, row by row, with the bytes that the FE sent.

use super::SqlError;
use mysql_async::{QueryResult, TextProtocol, Value, consts::ColumnType};

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; bytes that aren't UTF-8 are replaced.
    pub name: String,
    /// Whether its type is one of MySQL's numbers, which clients align to the right.
    pub is_number: bool,
    /// Whether it never is NULL.
    pub is_never_null: bool,
}

/// The values of a row as the text protocol has them; `None` is NULL.
pub type RawRow = Vec<Option<Vec<u8>>>;

/// The answer to one statement, read row by row: nothing is kept but the row at hand.
pub struct Answer<'a> {
    pub(super) result: QueryResult<'a, 'static, TextProtocol>,
}

impl Answer<'_> {
    /// The columns of the set of rows that comes next; `None` when the statement answers without rows.
    #[must_use]
    pub fn columns(&self) -> Option<Vec<Column>> {
        let columns = self.result.columns_ref();
        if self.result.is_empty() || columns.is_empty() {
            return None;
        }
        Some(columns.iter().map(column).collect())
    }

    /// The next row; `None` after the last one of a set.
    ///
    /// # Errors
    /// When the FE reports an error amidst the rows, or the connection breaks.
    pub async fn row(&mut self) -> Result<Option<RawRow>, SqlError> {
        let row = self.result.next().await?;
        Ok(row.map(|row| row.unwrap_raw().into_iter().map(bytes).collect()))
    }

    /// Whether a further set of rows follows.
    #[must_use]
    pub fn has_more(&self) -> bool {
        !self.result.is_empty()
    }
}

fn column(column: &mysql_async::Column) -> Column {
    use ColumnType as Type;
    // IS_NUM of the MySQL client library (mysql.h), YEAR and the pseudo type of TIMESTAMP's old form included.
    let is_number = matches!(
        column.column_type(),
        Type::MYSQL_TYPE_DECIMAL
            | Type::MYSQL_TYPE_TINY
            | Type::MYSQL_TYPE_SHORT
            | Type::MYSQL_TYPE_LONG
            | Type::MYSQL_TYPE_FLOAT
            | Type::MYSQL_TYPE_DOUBLE
            | Type::MYSQL_TYPE_NULL
            | Type::MYSQL_TYPE_LONGLONG
            | Type::MYSQL_TYPE_INT24
            | Type::MYSQL_TYPE_YEAR
            | Type::MYSQL_TYPE_NEWDECIMAL
    );
    Column {
        name: column.name_str().into_owned(),
        is_number,
        is_never_null: column.flags().contains(mysql_async::consts::ColumnFlags::NOT_NULL_FLAG),
    }
}

fn bytes(value: Option<Value>) -> Option<Vec<u8>> {
    match value {
        None | Some(Value::NULL) => None,
        Some(Value::Bytes(bytes)) => Some(bytes),
        // The text protocol has texts only; what a library made of one is shown as SQL would have it.
        Some(other) => Some(other.as_sql(true).trim_matches('\'').as_bytes().to_vec()),
    }
}
