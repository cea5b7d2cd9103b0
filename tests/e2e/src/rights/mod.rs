//! Whether somebody has exactly the rights that they use: what RBAC grants, against what the API server's audit log shows.

mod granted;
mod requests;

pub use granted::granted;
pub use requests::{LogError, requests};

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// One right: one verb on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The API group; empty for the core.
    pub group: String,
    /// The plural, with its subresource, as `starrocksclusters/status`.
    pub resource: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or one of RBAC's own.
    pub verb: String,
    /// The only objects that it is for; empty for all.
    pub names: BTreeSet<String>,
    /// The only namespace that it is for.
    pub namespace: Option<String>,
}

/// A request, as RBAC sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The API group; empty for the core.
    pub group: String,
    /// The plural, with its subresource.
    pub resource: String,
    /// The verb.
    pub verb: String,
    /// The object; empty where it has none, as in `list` and `create`.
    pub name: String,
    /// The namespace; empty for what has none, and for all of them.
    pub namespace: String,
    /// Whether the API server has let it pass. What is refused for other reasons counts as passed.
    pub authorized: bool,
}

/// A right that no audit log shows, and why it's needed all the same.
#[derive(Clone, Copy, Debug)]
pub struct Unseen {
    /// The API group.
    pub group: &'static str,
    /// The plural, with its subresource.
    pub resource: &'static str,
    /// The verb.
    pub verb: &'static str,
    /// Why, and which test fails without it.
    pub reason: &'static str,
}

const APPLIED: &str = "server-side apply of an object that isn't there asks for it while it handles the patch; without it no \
    cluster comes up and no script runs in any scenario";

/// What the API server asks for by itself while it handles another request.
pub const UNSEEN: [Unseen; 7] = [
    Unseen { group: "apps", resource: "statefulsets", verb: "create", reason: APPLIED },
    Unseen { group: "apps", resource: "deployments", verb: "create", reason: APPLIED },
    Unseen { group: "", resource: "services", verb: "create", reason: APPLIED },
    Unseen { group: "", resource: "configmaps", verb: "create", reason: APPLIED },
    Unseen { group: "policy", resource: "poddisruptionbudgets", verb: "create", reason: APPLIED },
    Unseen { group: "networking.k8s.io", resource: "networkpolicies", verb: "create", reason: APPLIED },
    Unseen {
        group: "starrocks.com",
        resource: "starrocksclusters/finalizers",
        verb: "update",
        reason: "the admission plugin OwnerReferencesPermissionEnforcement asks for it when an owner reference blocks \
                 deletion; the tests' API server has it on, so that no StatefulSet is made without",
    },
];

/// What is wrong with somebody's rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// What was asked for and isn't granted, and how often.
    pub refused: BTreeMap<Request, u32>,
    /// What is granted and was never asked for.
    pub unused: BTreeSet<Grant>,
    /// More than may ever be granted.
    pub excessive: BTreeSet<Grant>,
}

impl Faults {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty() && self.unused.is_empty() && self.excessive.is_empty()
    }
}

/// Compares.
#[must_use]
pub fn judge(grants: &BTreeSet<Grant>, requests: &[Request], unseen: &[Unseen]) -> Faults {
    let mut faults = Faults::default();
    for request in requests.iter().filter(|request| !request.authorized) {
        *faults.refused.entry(request.clone()).or_default() += 1;
    }
    for grant in grants {
        let is_used = requests.iter().any(|request| request.authorized && grant.covers(request));
        if !is_used && !unseen.iter().any(|unseen| unseen.is(grant)) {
            faults.unused.insert(grant.clone());
        }
        if grant.is_excessive() {
            faults.excessive.insert(grant.clone());
        }
    }
    faults
}

impl Unseen {
    fn is(&self, grant: &Grant) -> bool {
        (self.group, self.resource, self.verb) == (&*grant.group, &*grant.resource, &*grant.verb)
    }
}

impl Grant {
    fn covers(&self, request: &Request) -> bool {
        let same = |granted: &str, asked: &str| granted == asked || granted == "*";
        same(&self.group, &request.group)
            && same(&self.resource, &request.resource)
            && same(&self.verb, &request.verb)
            && (self.names.is_empty() || self.names.contains(&request.name))
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == request.namespace)
    }

    /// Wildcards, and Secrets by anything but their name.
    fn is_excessive(&self) -> bool {
        let any = |text: &str| text.contains('*');
        let secrets = self.group.is_empty() && self.resource == "secrets" && self.verb != "get";
        any(&self.group) || any(&self.resource) || any(&self.verb) || secrets
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, qualified(&self.group, &self.resource))?;
        if !self.names.is_empty() {
            write!(f, " ({})", self.names.iter().cloned().collect::<Vec<_>>().join(", "))?;
        }
        self.namespace.as_ref().map_or(Ok(()), |namespace| write!(f, " in {namespace}"))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, resource, verb, name, namespace, .. } = self;
        write!(f, "{verb} {} {namespace}/{name}", qualified(group, resource))
    }
}

fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (request, times) in &self.refused {
            writeln!(f, "  not granted, and asked for {times} times: {request}")?;
        }
        for grant in &self.unused {
            writeln!(f, "  granted, and asked for by no scenario: {grant}")?;
        }
        for grant in &self.excessive {
            writeln!(f, "  more than may be granted: {grant}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(text: &str) -> Grant {
        let [verb, resource, group] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let (verb, resource, group) = (verb.to_owned(), resource.to_owned(), group.to_owned());
        Grant { group, resource, verb, names: BTreeSet::new(), namespace: None }
    }

    fn request(text: &str, authorized: bool) -> Request {
        let Grant { group, resource, verb, .. } = grant(text);
        Request { group, resource, verb, name: "a".to_owned(), namespace: "n".to_owned(), authorized }
    }

    fn faults(grants: &[Grant], requests: &[Request]) -> String {
        judge(&grants.iter().cloned().collect(), requests, &UNSEEN).to_string()
    }

    #[test]
    fn rights_that_are_used_and_no_others_have_no_fault() {
        let grants =
            ["list pods ", "get secrets ", "update starrocksclusters/finalizers starrocks.com"].map(grant);
        let requests = [request("list pods ", true), request("get secrets ", true)];
        assert_eq!(faults(&grants, &requests), "");
    }

    #[test]
    fn what_is_refused_is_named_with_how_often() {
        let requests = [
            request("list pods ", true),
            request("delete jobs batch", false),
            request("delete jobs batch", false),
        ];
        let expected = "  not granted, and asked for 2 times: delete jobs.batch n/a\n";
        assert_eq!(faults(&[grant("list pods ")], &requests), expected);
    }

    #[test]
    fn what_nobody_asked_for_is_named() {
        let grants = ["list pods ", "watch pods ", "list pods other"].map(grant);
        let expected = "  granted, and asked for by no scenario: watch pods\n  \
                        granted, and asked for by no scenario: list pods.other\n";
        assert_eq!(faults(&grants, &[request("list pods ", true)]), expected);
        // A request that was refused uses nothing, nor does one for another object or in another namespace.
        assert!(
            faults(&[grant("list pods ")], &[request("list pods ", false)])
                .contains("no scenario: list pods")
        );
        let named = Grant { names: ["b".to_owned()].into(), ..grant("get pods ") };
        assert!(
            faults(std::slice::from_ref(&named), &[request("get pods ", true)]).ends_with("get pods (b)\n")
        );
        let elsewhere = Grant { namespace: Some("m".to_owned()), ..grant("get pods ") };
        assert!(faults(&[elsewhere], &[request("get pods ", true)]).ends_with("get pods in m\n"));
    }

    #[test]
    fn wildcards_and_lists_of_secrets_are_too_much_even_when_they_are_used() {
        for text in ["* pods ", "get * ", "get pods *", "get pods/* ", "list secrets ", "watch secrets "] {
            let used = request(text, true);
            let found = faults(&[grant(text)], &[used]);
            assert!(found.starts_with("  more than may be granted: "), "{text}: {found}");
        }
    }
}
