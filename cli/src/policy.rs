//! The HookPolicies of --policy.

use crate::input;
use hookgate_api::policy::{LoadedPolicy, read_documents};

/// Reads the policies of files and directories. With the second list not empty, nothing can be checked: a policy that
/// is left out would let pass what it forbids.
pub(crate) fn read(paths: &[String]) -> (Vec<LoadedPolicy>, Vec<String>) {
    let (mut policies, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        let (inputs, unreadable) = input::read_all(std::slice::from_ref(path));
        let is_readable = unreadable.is_empty();
        errors.extend(unreadable);
        let before = (policies.len(), errors.len());
        for input in inputs.iter().filter(|input| !input.name.to_ascii_lowercase().ends_with(".sh")) {
            let text = std::str::from_utf8(&input.bytes).map_err(|_| "not UTF-8 text".to_owned());
            match text.and_then(|text| read_documents(text).map_err(|error| error.to_string())) {
                Ok(found) => policies.extend(found),
                Err(error) => errors.push(format!("{}: {error}", input.name)),
            }
        }
        if is_readable && before == (policies.len(), errors.len()) {
            errors.push(format!("{path}: no HookPolicy in it (apiVersion hookgate.dev/v1alpha1)"));
        }
    }
    for policy in &policies {
        let wrong = policy.violations().iter();
        errors.extend(wrong.map(|violation| format!("HookPolicy {}: {violation}", policy.id)));
    }
    (policies, errors)
}
