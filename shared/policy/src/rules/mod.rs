//! The rules, one file each. A file's doc comment is the rule's page.

mod builtins;
mod calls;
mod evaluated;
mod hg101_missing_function;
mod hg102_syntax;
mod hg103_text;
mod hg104_ambiguous;
mod hg105_top_level;
mod hg106_function_definition;
mod hg107_background;
mod hg108_trap;
mod hg201_cluster_tools;
mod hg202_unlisted_program;
mod hg203_dynamic_command;
mod hg204_evaluated_text;
mod hg205_interpreter;
mod hg206_builtin_use;
mod hg207_program_options;
mod hg208_awk_program;
mod hg209_sed_script;
mod hg210_variable_write;
mod hg211_arithmetic;
mod hg212_unchecked_number;
mod hg213_expansion;
mod hg214_library_path;
mod hg301_network_client;
mod hg302_network_device;
mod hg303_file;
mod hg304_credentials_path;
mod hg401_sql_from_variables;
mod hg402_mysql_options;
mod hg403_sql_statement;
mod hg404_sql_text;
mod hg405_sql_source;
mod hg501_secret;
mod hg601_masked_error;
mod hg602_unused_status;
mod hg701_cluster_spec;
mod hg702_missing_reference;
mod hg703_deprecated_annotation;
mod hg704_unserved_field;
mod hg705_policy_document;
mod hg801_hook_type;
mod hg802_unprovided_hook;
mod hg803_destination;
mod hg804_source;
mod hg805_credentials;
mod hg806_address;
mod hg807_plain_credentials;
mod hg808_host_key;
mod hg809_interpreter;
mod named;
mod patterns;

pub(crate) use evaluated::Evaluated;
pub use hg809_interpreter::check_machine_script;
pub(crate) use named::Named;

use crate::context::Context;
use crate::finding::Findings;
use crate::{RuleId, RuleInfo};
use hookgate_shell::{ErrorKind, ParseError};

/// All rules, by their numbers.
pub(crate) const REGISTRY: &[RuleInfo] = &[
    hg101_missing_function::RULE,
    hg102_syntax::RULE,
    hg103_text::RULE,
    hg104_ambiguous::RULE,
    hg105_top_level::RULE,
    hg106_function_definition::RULE,
    hg107_background::RULE,
    hg108_trap::RULE,
    hg201_cluster_tools::RULE,
    hg202_unlisted_program::RULE,
    hg203_dynamic_command::RULE,
    hg204_evaluated_text::RULE,
    hg205_interpreter::RULE,
    hg206_builtin_use::RULE,
    hg207_program_options::RULE,
    hg208_awk_program::RULE,
    hg209_sed_script::RULE,
    hg210_variable_write::RULE,
    hg211_arithmetic::RULE,
    hg212_unchecked_number::RULE,
    hg213_expansion::RULE,
    hg214_library_path::RULE,
    hg301_network_client::RULE,
    hg302_network_device::RULE,
    hg303_file::RULE,
    hg304_credentials_path::RULE,
    hg401_sql_from_variables::RULE,
    hg402_mysql_options::RULE,
    hg403_sql_statement::RULE,
    hg404_sql_text::RULE,
    hg405_sql_source::RULE,
    hg501_secret::RULE,
    hg601_masked_error::RULE,
    hg602_unused_status::RULE,
    hg701_cluster_spec::RULE,
    hg702_missing_reference::RULE,
    hg703_deprecated_annotation::RULE,
    hg704_unserved_field::RULE,
    hg705_policy_document::RULE,
    hg801_hook_type::RULE,
    hg802_unprovided_hook::RULE,
    hg803_destination::RULE,
    hg804_source::RULE,
    hg805_credentials::RULE,
    hg806_address::RULE,
    hg807_plain_credentials::RULE,
    hg808_host_key::RULE,
    hg809_interpreter::RULE,
];

/// The rule about hook functions.
pub(crate) const MISSING_FUNCTION: RuleId = hg101_missing_function::RULE.id;
/// The rule about statements.
pub(crate) const SQL_STATEMENT: RuleId = hg403_sql_statement::RULE.id;
/// The rule about the text of SQL.
pub(crate) const SQL_TEXT: RuleId = hg404_sql_text::RULE.id;

/// The rules about StarRocksClusters. They are checked by who reads manifests, not by [`crate::check`].
pub mod cluster_rules {
    use super::{
        hg701_cluster_spec, hg702_missing_reference, hg703_deprecated_annotation, hg704_unserved_field,
    };
    use crate::RuleId;

    /// A spec that cannot be acted upon: an error.
    pub const SPEC: RuleId = hg701_cluster_spec::RULE.id;
    /// A reference to a script that is not there: a warning.
    pub const REFERENCE: RuleId = hg702_missing_reference::RULE.id;
    /// An annotation that the spec replaces: a warning.
    pub const DEPRECATED_ANNOTATION: RuleId = hg703_deprecated_annotation::RULE.id;
    /// A field that is accepted and not acted upon: a warning.
    pub const UNSERVED_FIELD: RuleId = hg704_unserved_field::RULE.id;
}

/// The rule about HookPolicies, which is checked by who reads manifests as well.
pub mod policy_rules {
    use super::hg705_policy_document;
    use crate::RuleId;

    /// A policy that cannot be used: an error.
    pub const DOCUMENT: RuleId = hg705_policy_document::RULE.id;
}

/// The rules about TKEStack's Clusters and Machines, which are checked by who reads manifests as well.
pub mod machine_rules {
    use super::{
        hg801_hook_type, hg802_unprovided_hook, hg803_destination, hg804_source, hg805_credentials,
        hg806_address, hg807_plain_credentials, hg808_host_key,
    };
    use crate::RuleId;

    /// A hook type that there is not: an error.
    pub const HOOK_TYPE: RuleId = hg801_hook_type::RULE.id;
    /// A hook that no file provides: an error.
    pub const UNPROVIDED_HOOK: RuleId = hg802_unprovided_hook::RULE.id;
    /// A file that goes nowhere, or where another one goes: an error.
    pub const DESTINATION: RuleId = hg803_destination::RULE.id;
    /// A file that is not in the hooks folder: an error.
    pub const SOURCE: RuleId = hg804_source::RULE.id;
    /// Credentials that can't be read: an error.
    pub const CREDENTIALS: RuleId = hg805_credentials::RULE.id;
    /// A machine that can't be reached: an error.
    pub const ADDRESS: RuleId = hg806_address::RULE.id;
    /// Credentials in a manifest: a warning.
    pub const PLAIN_CREDENTIALS: RuleId = hg807_plain_credentials::RULE.id;
    /// A host key that is none: an error.
    pub const HOST_KEY: RuleId = hg808_host_key::RULE.id;
}

/// What the rules about manifests find in a script: nothing.
fn about_manifests(_: &Context<'_>, _: &mut Findings<'_>) {}

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
        | ErrorKind::AmbiguousEnd
        | ErrorKind::AmbiguousKeyword
        | ErrorKind::BraceSubstitution
        | ErrorKind::UndecodableText
        | ErrorKind::InvalidFileDescriptor => hg104_ambiguous::RULE.id,
        _ => hg102_syntax::RULE.id,
    };
    findings.error(rule, error.span, error.kind.to_string(), error.help());
}
