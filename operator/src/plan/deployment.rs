//! What needs no order and no gate: Services, the first deployment, scaling, components that were removed.

use super::{
    Action, View,
    difference::{Difference, difference, foreign},
    readiness, strategy,
    wave::refused,
};
use crate::{
    observation::ObservedStatefulSet,
    render::{RenderedStatefulSet, Replicas, Strategy},
};
use hookgate_api::{
    Component, StarRocksClusterStatus, annotations,
    status::{Direction, UpgradePhase, WaveComponent},
};
use kube::ResourceExt;

/// Said in the log, and looked for by runbooks.
pub const WAITING_FOR_FE: &str = "initial deployment: waiting for FE to be ready before creating BE/CN";

/// The actions that bring objects about which don't exist yet, or bring them to size.
pub(super) fn actions(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    notes: &mut Vec<String>,
) -> Vec<Action> {
    // What another operator has in its hands is not touched, not even in part.
    if !foreign(view).is_empty() {
        return Vec::new();
    }
    let mut actions = services(view);
    let mut waiting_for_fe = false;
    for component in Component::ALL {
        let live = view.observation.component(component).statefulset.as_ref();
        match (view.desired.statefulset(component), live) {
            (Some(rendered), None) => {
                if component != Component::Fe && !fe_is_ready(view) {
                    waiting_for_fe = true;
                    continue;
                }
                // What is asked for together with it may be refused, and then nothing is touched.
                if waits_for_fe(status, component) || (component != Component::Fe && refused(view).is_some())
                {
                    continue;
                }
                let object =
                    rendered.object(Replicas::FromSpec, &of_new(view, component, rendered.replicas()));
                actions.push(Action::ApplyStatefulSet(Box::new(object)));
            }
            (Some(rendered), Some(live)) => {
                if let Some(step) = in_flight(status, component) {
                    actions.extend(scaled_before_its_roll(step, rendered, live));
                    continue;
                }
                let as_wished =
                    live.replicas == rendered.replicas() && strategy::is_given_back(view, component, live);
                match difference(view, component) {
                    // Its roll was never finished: a wave takes it up again.
                    _ if live.own_strategy.is_some() => {}
                    Some(Difference::Same) if as_wished => {}
                    Some(Difference::Same | Difference::InputsOnly) => {
                        let own = strategy::given_back(view, component);
                        let object = rendered.object(Replicas::FromSpec, &own);
                        actions.push(Action::ApplyStatefulSet(Box::new(object)));
                    }
                    // The template isn't touched with it: that would restart the pods.
                    Some(Difference::Rendering) if !as_wished => {
                        actions.push(Action::AdjustStatefulSet {
                            component,
                            replicas: rendered.replicas(),
                            strategy: strategy::own(view, component),
                            from_spec: strategy::from_spec(view, component).is_some(),
                        });
                    }
                    _ => {}
                }
            }
            (None, Some(live)) if live.rendered_hash.is_some() => {
                actions.push(Action::DeleteComponent(component))
            }
            (None, _) => {}
        }
    }
    if waiting_for_fe {
        notes.push(WAITING_FOR_FE.to_owned());
    }
    actions
}

/// The strategy that a component's StatefulSet is made with. Pods that one before it has left may run another template:
/// they stay until a wave finds what was made here, as a roll that was never finished, and lets them go one by one.
fn of_new(view: &View<'_>, component: Component, replicas: i32) -> Strategy {
    if view.observation.component(component).has_orphans {
        return strategy::rolling(view, component, strategy::closed(view, component, replicas));
    }
    strategy::given_back(view, component)
}

fn services(view: &View<'_>) -> Vec<Action> {
    view.desired
        .services()
        .filter(|(component, service)| {
            let live = view.observation.component(*component).services.get(&service.name_any());
            let wanted = service.annotations().get(annotations::RENDERED_HASH);
            live.and_then(Option::as_ref) != wanted
        })
        .map(|(_, service)| Action::ApplyService(Box::new(service.clone())))
        .collect()
}

/// Whether a component that doesn't exist yet is made after FE: in a downgrade no server may be older than FE.
pub(super) fn waits_for_fe(status: &StarRocksClusterStatus, component: Component) -> bool {
    let goes_down = status.wave.as_ref().is_some_and(|wave| wave.direction == Direction::Downgrade);
    component != Component::Fe && goes_down && in_flight(status, Component::Fe).is_some()
}

fn fe_is_ready(view: &View<'_>) -> bool {
    readiness::workload_ready(view, Component::Fe).is_ok()
}

/// The component's part in a wave, as long as it isn't complete.
fn in_flight(status: &StarRocksClusterStatus, component: Component) -> Option<&WaveComponent> {
    let mut components = status.wave.iter().flat_map(|wave| &wave.components);
    components.find(|step| step.component == component && step.phase != UpgradePhase::Completed)
}

/// A change of replicas alone waits for no roll that hasn't begun: the template is the old one, and so are pods that are
/// added. Once it's the new one they would come up past every gate.
fn scaled_before_its_roll(
    step: &WaveComponent,
    rendered: &RenderedStatefulSet,
    live: &ObservedStatefulSet,
) -> Option<Action> {
    let has_begun = matches!(step.phase, UpgradePhase::Rolling | UpgradePhase::Finalizing);
    let is_asked_for = step.scales_after.is_none() && live.replicas != rendered.replicas();
    // A strategy that isn't the user's is there because a roll was never finished.
    (!has_begun && is_asked_for && live.own_strategy.is_none()).then(|| Action::AdjustStatefulSet {
        component: step.component,
        replicas: rendered.replicas(),
        strategy: live.strategy(),
        from_spec: live.strategy_from_spec,
    })
}
