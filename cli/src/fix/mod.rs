//! Safe fixes: edits of the text that keep everything else as it is.

use crate::yaml::Node;
use hookgate_api::annotations::UPGRADE_HOOKS;
use hookgate_api::hooks::PredefinedHook;

/// The predefined hooks that the deprecated annotations ask for.
pub(crate) fn instead(annotations: &Node) -> Vec<String> {
    match annotations.at(&[UPGRADE_HOOKS]).and_then(Node::scalar) {
        Some(listed) => {
            listed.text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        None => PredefinedHook::DEFAULT_PAIR.map(|hook| hook.as_str().to_owned()).to_vec(),
    }
}
