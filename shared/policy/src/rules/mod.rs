//! The rules, one file each. A file's doc comment is the rule's page.

mod hg101_missing_function;
mod hg102_syntax;
mod hg103_text;
mod hg104_ambiguous;
mod hg201_cluster_tools;
mod hg202_unlisted_program;
mod hg203_dynamic_command;
mod hg204_evaluated_text;
mod hg205_interpreter;
mod hg301_network_client;
mod hg302_network_device;
mod hg401_sql_from_variables;
mod named;

use crate::RuleInfo;
use crate::finding::Findings;
use hookgate_shell::{ErrorKind, ParseError};

/// All rules, by their numbers.
pub(crate) const REGISTRY: &[RuleInfo] = &[
    hg101_missing_function::RULE,
    hg102_syntax::RULE,
    hg103_text::RULE,
    hg104_ambiguous::RULE,
    hg201_cluster_tools::RULE,
    hg202_unlisted_program::RULE,
    hg203_dynamic_command::RULE,
    hg204_evaluated_text::RULE,
    hg205_interpreter::RULE,
    hg301_network_client::RULE,
    hg302_network_device::RULE,
    hg401_sql_from_variables::RULE,
];

/// Reports why a script could not be read, by the rule that stands for it.
pub(crate) fn report_parse_error(error: &ParseError, findings: &mut Findings<'_>) {
    let rule = match error.kind {
        ErrorKind::TooLarge { .. }
        | ErrorKind::NotUtf8
        | ErrorKind::Nul
        | ErrorKind::CarriageReturn
        | ErrorKind::ControlCharacter { .. }
        | ErrorKind::BidirectionalCharacter { .. }
        | ErrorKind::InvisibleCharacter { .. } => hg103_text::RULE.id,
        ErrorKind::AmbiguousParentheses
        | ErrorKind::ExtendedGlob
        | ErrorKind::AliasDependent
        | ErrorKind::HereDocumentDelimiter
        | ErrorKind::AmbiguousHereDocument
        | ErrorKind::AmbiguousQuote
        | ErrorKind::AmbiguousSubscript
        | ErrorKind::BraceSubstitution
        | ErrorKind::UndecodableText
        | ErrorKind::InvalidFileDescriptor => hg104_ambiguous::RULE.id,
        _ => hg102_syntax::RULE.id,
    };
    findings.error(rule, error.span, error.kind.to_string(), error.help());
}
