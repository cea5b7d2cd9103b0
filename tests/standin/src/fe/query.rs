//! Answers SELECT, from given facts alone.

use std::cmp::Ordering;

use super::error::SqlError;
use super::like::like;
use super::sql::{Comparison, Condition, Expression, Literal, Select};
use super::variables::Variables;
use super::view::{Table, View};

/// What a SELECT may ask of the session.
#[derive(Debug)]
pub struct SessionFacts<'a> {
    /// Its variables.
    pub variables: &'a Variables,
    /// The user.
    pub user: &'a str,
    /// The database in use.
    pub database: Option<&'a str>,
    /// The connection's number.
    pub connection: u32,
    /// `current_version()`.
    pub version: &'a str,
    /// `version()`.
    pub handshake: &'a str,
}

/// Answers a SELECT.
///
/// # Errors
/// When it asks for something that isn't there.
pub fn select(select: &Select, session: &SessionFacts<'_>, view: &View) -> Result<Table, SqlError> {
    let source = match &select.source {
        None => None,
        Some(source) if source.table == "information_schema.partitions_meta" => {
            let mut table = view.partitions_meta();
            filter(&mut table, &source.conditions)?;
            sort(&mut table, &source.order)?;
            Some(table)
        }
        Some(source) => return Err(SqlError::unknown_table(&source.table)),
    };
    let mut answer = match &source {
        Some(table) => project(select, session, table)?,
        None => {
            let nothing = Table { columns: Vec::new(), rows: vec![Vec::new()] };
            if select.items.iter().any(|item| item.expression == Expression::All) {
                return Err(SqlError::analyzing("No tables used"));
            }
            project(select, session, &nothing)?
        }
    };
    if select.distinct {
        let mut seen = std::collections::HashSet::new();
        answer.rows.retain(|row| seen.insert(row.clone()));
    }
    answer.rows.truncate(select.limit.unwrap_or(usize::MAX));
    Ok(answer)
}

fn project(select: &Select, session: &SessionFacts<'_>, source: &Table) -> Result<Table, SqlError> {
    let counts = select.items.iter().any(|item| item.expression == Expression::Count);
    let columns_too =
        select.items.iter().any(|item| matches!(item.expression, Expression::Column(_) | Expression::All));
    if counts && columns_too {
        return Err(SqlError::analyzing(
            "columns beside COUNT(*) must be an aggregate expression or appear in GROUP BY clause",
        ));
    }
    let mut answer = Table::default();
    for item in &select.items {
        match item.expression {
            Expression::All => answer.columns.extend(source.columns.iter().cloned()),
            _ => answer.columns.push(item.name.clone()),
        }
    }
    let count = source.rows.len().to_string();
    let rows: &[_] = if counts { &[Vec::new()] } else { &source.rows };
    for row in rows {
        let mut values = Vec::new();
        for item in &select.items {
            match &item.expression {
                Expression::All => values.extend(row.iter().cloned()),
                Expression::Count => values.push(Some(count.clone())),
                Expression::Literal(literal) => values.push(Some(literal.text().to_owned())),
                Expression::Variable(name) => values.push(Some(session.variables.get(name)?.to_owned())),
                Expression::Function(name) => values.push(function(name, session)?),
                Expression::Column(name) => values.push(row[place(source, name)?].clone()),
            }
        }
        answer.rows.push(values);
    }
    // Names are checked even when there are no rows.
    for item in &select.items {
        if let Expression::Column(name) = &item.expression {
            place(source, name)?;
        }
    }
    Ok(answer)
}

fn function(name: &str, session: &SessionFacts<'_>) -> Result<Option<String>, SqlError> {
    Ok(Some(match name {
        "current_version" => session.version.to_owned(),
        "version" => session.handshake.to_owned(),
        "user" | "current_user" | "session_user" => format!("'{}'@'%'", session.user),
        "connection_id" => session.connection.to_string(),
        "database" | "schema" => return Ok(session.database.map(str::to_owned)),
        _ => {
            return Err(SqlError::analyzing(&format!("No matching function with signature: {name}()")));
        }
    }))
}

fn place(table: &Table, column: &str) -> Result<usize, SqlError> {
    table
        .columns
        .iter()
        .position(|name| name == column)
        .ok_or_else(|| SqlError::analyzing(&format!("Column '{column}' cannot be resolved")))
}

fn filter(table: &mut Table, conditions: &[Condition]) -> Result<(), SqlError> {
    for condition in conditions {
        let at = place(table, &condition.column)?;
        table.rows.retain(|row| row[at].as_deref().is_some_and(|value| fits(value, condition)));
    }
    Ok(())
}

fn sort(table: &mut Table, columns: &[String]) -> Result<(), SqlError> {
    let places = columns.iter().map(|column| place(table, column)).collect::<Result<Vec<_>, _>>()?;
    table.rows.sort_by(|a, b| {
        places
            .iter()
            .map(|at| compare(a[*at].as_deref(), b[*at].as_deref()))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn compare(a: Option<&str>, b: Option<&str>) -> Ordering {
    let numbers = a.zip(b).and_then(|(a, b)| a.parse::<f64>().ok().zip(b.parse::<f64>().ok()));
    match numbers {
        Some((a, b)) => a.total_cmp(&b),
        None => a.cmp(&b),
    }
}

fn fits(value: &str, condition: &Condition) -> bool {
    let mut values = condition.values.iter().map(Literal::text);
    let order = |literal: &str| compare(Some(value), Some(literal));
    match condition.comparison {
        Comparison::In => values.any(|literal| order(literal).is_eq()),
        Comparison::NotIn => values.all(|literal| order(literal).is_ne()),
        Comparison::Like => values.all(|pattern| like(pattern, value)),
        Comparison::Equal => values.all(|literal| order(literal).is_eq()),
        Comparison::NotEqual => values.all(|literal| order(literal).is_ne()),
        Comparison::Less => values.all(|literal| order(literal).is_lt()),
        Comparison::LessOrEqual => values.all(|literal| order(literal).is_le()),
        Comparison::Greater => values.all(|literal| order(literal).is_gt()),
        Comparison::GreaterOrEqual => values.all(|literal| order(literal).is_ge()),
    }
}
